// Package lsp is a small server of the Language Server Protocol, 3.17: it reports findings about open documents and
// offers their replacements as quick fixes.
package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// Finding is a part of a line with a problem.
type Finding struct {
	Line         int // from 0
	Start, End   int // bytes of the line
	Message      string
	Replacements []string // of the part, the best first
}

// Server checks documents.
type Server struct {
	Name, Version string

	// Check returns the findings of a document, by line and start, without overlaps. Its error ends the server.
	Check func(ctx context.Context, lines []string) ([]Finding, error)
}

// session is the state of one client.
type session struct {
	*Server
	out       io.Writer
	utf8      bool // positions count bytes, not UTF-16 code units
	documents map[string]*document
	shutdown  bool
}

// Serve answers a client until it says exit or r ends. An exit without shutdown before is an error, as in the protocol.
func (s *Server) Serve(ctx context.Context, r io.Reader, w io.Writer) error {
	c := &session{Server: s, out: w, documents: map[string]*document{}}
	in := bufio.NewReader(r)
	for {
		m, err := read(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errBadJSON):
			err = write(w, failure{"2.0", json.RawMessage("null"), rpcError{parseError, err.Error()}})
		case err != nil:
			return err
		case m.Method == "exit" && c.shutdown:
			return nil
		case m.Method == "exit":
			return errors.New("lsp: exit before shutdown")
		case m.Method == "": // a response
		case m.ID == nil:
			err = c.notified(ctx, m)
		default:
			err = c.answer(m)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// notified handles a notification. One that it does not know, or whose parameters are wrong, is ignored.
func (c *session) notified(ctx context.Context, m message) error {
	var p struct {
		TextDocument struct {
			URI     string `json:"uri"`
			Version int    `json:"version"`
			Text    string `json:"text"`
		} `json:"textDocument"`
		ContentChanges []struct {
			Text string `json:"text"`
		} `json:"contentChanges"`
	}
	if json.Unmarshal(m.Params, &p) != nil || p.TextDocument.URI == "" {
		return nil
	}
	doc := &document{uri: p.TextDocument.URI, version: p.TextDocument.Version}
	switch m.Method {
	case "textDocument/didOpen":
		doc.lines = splitLines(p.TextDocument.Text)
	case "textDocument/didChange": // the whole text, as the server asked for
		if len(p.ContentChanges) == 0 {
			return nil
		}
		doc.lines = splitLines(p.ContentChanges[len(p.ContentChanges)-1].Text)
	case "textDocument/didClose":
		delete(c.documents, doc.uri)
		return c.publish(doc)
	default:
		return nil
	}
	var err error
	if doc.findings, err = c.Check(ctx, doc.lines); err != nil {
		return err
	}
	c.documents[doc.uri] = doc
	return c.publish(doc)
}

// publish sends the findings of a document.
func (c *session) publish(doc *document) error {
	return write(c.out, notification{"2.0", "textDocument/publishDiagnostics", map[string]any{
		"uri": doc.uri, "version": doc.version, "diagnostics": doc.diagnostics(c.Name, c.utf8),
	}})
}

// answer answers a request.
func (c *session) answer(m message) error {
	switch m.Method {
	case "initialize":
		return write(c.out, response{"2.0", m.ID, c.initialize(m.Params)})
	case "shutdown":
		c.shutdown = true
		return write(c.out, response{"2.0", m.ID, nil})
	case "textDocument/codeAction":
		var p struct {
			TextDocument struct {
				URI string `json:"uri"`
			} `json:"textDocument"`
			Range span `json:"range"`
		}
		if err := json.Unmarshal(m.Params, &p); err != nil {
			return write(c.out, failure{"2.0", m.ID, rpcError{invalidParams, "want a document and a range"}})
		}
		actions := []action{}
		if doc := c.documents[p.TextDocument.URI]; doc != nil {
			actions = doc.actions(p.Range, c.Name, c.utf8)
		}
		return write(c.out, response{"2.0", m.ID, actions})
	default:
		return write(c.out, failure{"2.0", m.ID, rpcError{methodNotFound, m.Method + ": not supported"}})
	}
}

// initialize chooses the encoding of positions and returns what the server can do.
func (c *session) initialize(params json.RawMessage) any {
	var p struct {
		Capabilities struct {
			General struct {
				PositionEncodings []string `json:"positionEncodings"`
			} `json:"general"`
		} `json:"capabilities"`
	}
	_ = json.Unmarshal(params, &p) // what is missing has its default
	c.utf8 = slices.Contains(p.Capabilities.General.PositionEncodings, "utf-8")
	encoding := "utf-16"
	if c.utf8 {
		encoding = "utf-8"
	}
	return map[string]any{
		"serverInfo": map[string]string{"name": c.Name, "version": c.Version},
		"capabilities": map[string]any{
			"positionEncoding":   encoding,
			"textDocumentSync":   map[string]any{"openClose": true, "change": 1},
			"codeActionProvider": map[string]any{"codeActionKinds": []string{"quickfix", "source.fixAll"}},
		},
	}
}
