package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
)

// maxMessage is the most bytes of a message.
const maxMessage = 1 << 26

// message is a request, a notification (without an ID) or, from the client, a response (without a method).
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
}

// response answers a request.
type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result"`
}

// failure answers a request that failed.
type failure struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Error   rpcError        `json:"error"`
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Codes of JSON-RPC 2.0.
const (
	parseError     = -32700
	methodNotFound = -32601
	invalidParams  = -32602
)

// notification is a message to the client.
type notification struct {
	Version string `json:"jsonrpc"`
	Method  string `json:"method"`
	Params  any    `json:"params"`
}

// errBadJSON marks a message whose content is no JSON; the next message can be read.
var errBadJSON = errors.New("message is no JSON")

// read reads one message. The end of the input between messages is io.EOF.
func read(r *bufio.Reader) (message, error) {
	var m message
	head, err := textproto.NewReader(r).ReadMIMEHeader()
	if errors.Is(err, io.EOF) && len(head) == 0 {
		return m, io.EOF
	}
	if err != nil {
		return m, fmt.Errorf("lsp: head of a message: %w", err)
	}
	length, err := strconv.Atoi(head.Get("Content-Length"))
	if err != nil || length < 0 || length > maxMessage {
		return m, fmt.Errorf("lsp: Content-Length is %q: want 0 to %d", head.Get("Content-Length"), maxMessage)
	}
	content := make([]byte, length)
	if _, err := io.ReadFull(r, content); err != nil {
		return m, fmt.Errorf("lsp: message of %d bytes: %w", length, err)
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return m, errBadJSON
	}
	return m, nil
}

// write writes one message.
func write(w io.Writer, v any) error {
	content, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Content-Length: %d\r\n\r\n%s", len(content), content)
	return err
}
