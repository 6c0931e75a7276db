package lsp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// talk sends messages to a server that finds teh, and returns its answers.
func talk(t *testing.T, messages ...string) ([]string, error) {
	t.Helper()
	s := &Server{Name: "test", Version: "1", Check: func(_ context.Context, lines []string) ([]Finding, error) {
		var all []Finding
		for i, line := range lines {
			if at := strings.Index(line, "teh"); at >= 0 {
				all = append(all, Finding{i, at, at + 3, "spelling", []string{"the", "ten"}})
			}
		}
		return all, nil
	}}
	var in, out bytes.Buffer
	for _, m := range messages {
		fmt.Fprintf(&in, "Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%s", len(m), m)
	}
	err := s.Serve(t.Context(), &in, &out)
	var answers []string
	for r := bufio.NewReader(&out); ; {
		var length int
		if _, err := fmt.Fscanf(r, "Content-Length: %d\r\n\r\n", &length); err != nil {
			break
		}
		answer := make([]byte, length)
		if _, err := io.ReadFull(r, answer); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, string(answer))
	}
	return answers, err
}

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`
	opened     = `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a","version":1,"text":"ok\r\n😀 teh end"}}}`
	asked      = `{"jsonrpc":"2.0","id":"x","method":"textDocument/codeAction","params":{"textDocument":{"uri":"file:///a"},"range":{"start":{"line":1,"character":4},"end":{"line":1,"character":4}},"context":{"diagnostics":[]}}}`
	shutdown   = `{"jsonrpc":"2.0","id":2,"method":"shutdown"}`
	exit       = `{"jsonrpc":"2.0","method":"exit"}`
)

func TestServer(t *testing.T) {
	changed := `{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///a","version":2},"contentChanges":[{"text":"fine"}]}}`
	answers, err := talk(t, initialize, `{"jsonrpc":"2.0","method":"initialized","params":{}}`, opened, asked, changed, asked,
		`{"jsonrpc":"2.0","id":7,"method":"textDocument/hover","params":{}}`, `{"jsonrpc"`, shutdown, exit)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		`"positionEncoding":"utf-16"`,
		`"diagnostics":[{"range":{"start":{"line":1,"character":3},"end":{"line":1,"character":6}}`,
		`"newText":"the"`,
		`"diagnostics":[],"uri":"file:///a","version":2`,
		`"result":[]`,
		`"code":-32601`,
		`"code":-32700`,
		`"result":null`,
	} {
		if i >= len(answers) || !strings.Contains(answers[i], want) {
			t.Fatalf("answers %s: want %s in answer %d", strings.Join(answers, "\n"), want, i)
		}
	}
	var fixes struct{ Result []action }
	if err := json.Unmarshal([]byte(answers[2]), &fixes); err != nil || len(fixes.Result) != 3 || fixes.Result[2].Kind != "source.fixAll" {
		t.Errorf("fixes %+v, %v", fixes, err)
	}
}

func TestServerCountsBytes(t *testing.T) {
	answers, err := talk(t, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{"general":{"positionEncodings":["utf-8","utf-16"]}}}}`, opened)
	if err != nil || !strings.Contains(answers[1], `"start":{"line":1,"character":5}`) {
		t.Errorf("%v, %v", answers, err)
	}
}

func TestServerErrors(t *testing.T) {
	if _, err := talk(t, initialize, exit); err == nil {
		t.Error("exit before shutdown: no error")
	}
	s := &Server{Check: func(context.Context, []string) ([]Finding, error) { return nil, nil }}
	for _, head := range []string{"Content-Length: x\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: 5\r\n\r\n{}", "nonsense\r\n\r\n"} {
		if err := s.Serve(t.Context(), strings.NewReader(head), io.Discard); err == nil || !strings.HasPrefix(err.Error(), "lsp: ") {
			t.Errorf("%q: error %v", head, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Content-Length: 2\r\n\r\n{}")
	f.Add("Content-Length: 99999999999\r\n\r\n{")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = read(bufio.NewReader(strings.NewReader(text))) // must not panic
	})
}
