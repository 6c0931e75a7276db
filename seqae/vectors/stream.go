package vectors

import (
	"errors"
	"os"
)

// rowStream writes rows to a file that cannot be replaced as a whole, such as a pipe.
type rowStream struct {
	path   string // named in errors
	f      *os.File
	format Format
	width  int
	rows   int
	line   []byte // reused
}

func createStream(path string, opts *CreateOptions) (*Writer, error) {
	format := opts.Format
	if format == "" {
		if named, err := FormatOf(path); err == nil {
			format = named
		} else {
			format = JSONL
		}
	}
	err := format.checkStream()
	if err == nil && opts.Resume {
		err = errors.New("is not a regular file: cannot resume it")
	}
	if err != nil {
		return nil, fileError(path, 0, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, fileError(path, 0, err)
	}
	return &Writer{path: path, format: format, stream: &rowStream{path: path, f: f, format: format}}, nil
}

func (s *rowStream) write(r Row) error {
	err := checkRow(r, s.width)
	if err == nil {
		s.line = appendRow(s.line[:0], s.format, r)
		_, err = s.f.Write(s.line)
	}
	if err != nil {
		return fileError(s.path, s.rows+1, err)
	}
	s.rows, s.width = s.rows+1, len(r.Vector)
	return nil
}

func (s *rowStream) close() error {
	if err := s.f.Close(); err != nil {
		return fileError(s.path, 0, err)
	}
	return nil
}
