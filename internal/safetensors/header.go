package safetensors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// parseHeader reads a header. It checks each tensor alone (dtype, shape and size), not its place in the file. metadata
// is never nil.
func parseHeader(text []byte) (metadata map[string]string, tensors []Info, err error) {
	switch {
	case len(text) == 0 || text[0] != '{':
		return nil, nil, fmt.Errorf("safetensors: header begins with %.1q: want '{': not a safetensors file", text)
	case !utf8.Valid(text):
		return nil, nil, fmt.Errorf("safetensors: header is not UTF-8")
	}
	// The whole syntax is checked here; below, only the kinds of tokens are.
	var syntax json.RawMessage
	if err := json.Unmarshal(text, &syntax); err != nil {
		return nil, nil, fmt.Errorf("safetensors: header: %w", err)
	}
	h := headerReader{json.NewDecoder(bytes.NewReader(text))}
	h.dec.UseNumber()
	metadata = map[string]string{}
	err = h.object("header", func(name string) error {
		if name == metadataKey {
			return h.object("metadata", func(key string) (err error) {
				metadata[key], err = h.text("metadata " + strconv.Quote(key))
				return err
			})
		}
		t, err := h.tensor(name)
		tensors = append(tensors, t)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return metadata, tensors, nil
}

// headerReader reads a header token by token, because encoding/json accepts duplicate and misspelled keys.
type headerReader struct{ dec *json.Decoder }

// object reads an object and calls value after each key, to read its value. what names the object in errors.
func (h headerReader) object(what string, value func(key string) error) error {
	if err := h.open(what, '{', "an object"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for h.dec.More() {
		key, err := h.text(what)
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("safetensors: %s: key %q is duplicated", what, key)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	_, err := h.dec.Token()
	return err
}

// integers reads an array of non-negative integers.
func (h headerReader) integers(what string) ([]int, error) {
	if err := h.open(what, '[', "an array"); err != nil {
		return nil, err
	}
	list := []int{}
	for h.dec.More() {
		token, err := h.dec.Token()
		if err != nil {
			return nil, err
		}
		number, ok := token.(json.Number)
		n, err := strconv.ParseUint(string(number), 10, strconv.IntSize-1)
		if !ok || err != nil {
			return nil, fmt.Errorf("safetensors: %s holds %v: want a non-negative integer", what, token)
		}
		list = append(list, int(n))
	}
	_, err := h.dec.Token()
	return list, err
}

// text reads a string.
func (h headerReader) text(what string) (string, error) {
	token, err := h.dec.Token()
	if err != nil {
		return "", err
	}
	text, ok := token.(string)
	if !ok {
		return "", fmt.Errorf("safetensors: %s is %v: want a string", what, token)
	}
	return text, nil
}

// open reads an opening delimiter.
func (h headerReader) open(what string, delim json.Delim, want string) error {
	token, err := h.dec.Token()
	if err != nil {
		return err
	}
	if token != delim {
		return fmt.Errorf("safetensors: %s is %v: want %s", what, token, want)
	}
	return nil
}

// tensor reads the entry of one tensor and checks it.
func (h headerReader) tensor(name string) (Info, error) {
	t := Info{Name: name}
	what := "tensor " + strconv.Quote(name)
	var offsets []int
	err := h.object(what, func(key string) (err error) {
		switch key {
		case "dtype":
			t.DType, err = h.text(what + ": dtype")
		case "shape":
			t.Shape, err = h.integers(what + ": shape")
		case "data_offsets":
			offsets, err = h.integers(what + ": data_offsets")
		default:
			err = fmt.Errorf("safetensors: %s: unknown key %q: want dtype, shape and data_offsets", what, key)
		}
		return err
	})
	if err != nil {
		return t, err
	}
	n, ok := elements(t.Shape)
	switch {
	case t.DType == "":
		return t, fmt.Errorf("safetensors: %s has no dtype", what)
	case sizeOf(t.DType) == 0:
		return t, fmt.Errorf("safetensors: %s is of dtype %q: want F32, I64 or U8", what, t.DType)
	case t.Shape == nil:
		return t, fmt.Errorf("safetensors: %s has no shape", what)
	case !ok:
		return t, fmt.Errorf("safetensors: %s of shape %v is too large", what, t.Shape)
	case len(offsets) != 2:
		return t, fmt.Errorf("safetensors: %s has %d data_offsets: want 2", what, len(offsets))
	}
	t.begin, t.end = int64(offsets[0]), int64(offsets[1])
	if t.end < t.begin || t.end-t.begin != sizeOf(t.DType)*n {
		return t, fmt.Errorf("safetensors: %s of shape %v at offsets %v: want %d bytes", what, t.Shape, offsets, sizeOf(t.DType)*n)
	}
	return t, nil
}
