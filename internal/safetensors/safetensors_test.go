package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// file returns a file as other libraries write it, without checksums.
func file(header string, values int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, values)...)
}

func open(b []byte) (*Reader, error) { return NewReader(bytes.NewReader(b), int64(len(b))) }

// readAll reads every tensor of a file.
func readAll(b []byte) (metadata map[string]string, tensors []Tensor, err error) {
	f, err := open(b)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range f.Tensors() {
		data := make([]float32, t.Len())
		if err := f.Read(t.Name, data); err != nil {
			return nil, nil, err
		}
		tensors = append(tensors, Tensor{Name: t.Name, Shape: t.Shape, Data: data})
	}
	return f.Metadata(), tensors, nil
}

func encode(t testing.TB, metadata map[string]string, tensors []Tensor) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, metadata, tensors); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// sameBits compares numbers by their bits, including NaN and -0.
var sameBits = cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })

func TestBytes(t *testing.T) {
	got := encode(t, map[string]string{"b": "<2>", "a": "1"}, []Tensor{
		{Name: "w", Shape: []int{2, 1}, Data: []float32{1, -2}},
		{Name: "x", Data: []float32{0.5}},
	})
	header := `{"__metadata__":{"a":"1","b":"<2>","crc32c":"32744bad aa36f2c9 26973e52"},` +
		`"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"x":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := append(file(header, 0), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.String(), 0, 5, func(s string) string { return s }).Draw(t, "names")
		var tensors []Tensor
		for _, name := range names {
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
			n, _ := elements(shape)
			data := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float32 {
				return math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
			}), int(n), int(n)).Draw(t, "data")
			tensors = append(tensors, Tensor{Name: name, Shape: shape, Data: data})
		}
		metadata := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata")
		var buf bytes.Buffer
		if err := Write(&buf, metadata, tensors); err != nil {
			t.Fatal(err)
		}
		if header := binary.LittleEndian.Uint64(buf.Bytes()); header%8 != 0 {
			t.Fatalf("header of %d bytes: want a multiple of 8", header)
		}
		gotMetadata, got, err := readAll(buf.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(metadata, gotMetadata); diff != "" {
			t.Fatal(diff)
		}
		// Empty arrays share their offset with a neighbor, so their order may change.
		byName := cmpopts.SortSlices(func(a, b Tensor) bool { return a.Name < b.Name })
		if diff := cmp.Diff(tensors, got, sameBits, cmpopts.EquateEmpty(), byName); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestManyChunks(t *testing.T) {
	data := make([]float32, chunkBytes/4*2+7)
	for i := range data {
		data[i] = float32(i)
	}
	_, got, err := readAll(encode(t, nil, []Tensor{{Name: "w", Shape: []int{len(data)}, Data: data}}))
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(data, got[0].Data) {
		t.Error("values differ")
	}
}

// TestDamage flips every bit and cuts at every byte: each is an error, except a change of the checksums' key, which
// makes the file one without checksums.
func TestDamage(t *testing.T) {
	whole := encode(t, map[string]string{"format": "1"}, []Tensor{
		{Name: "a", Shape: []int{3}, Data: []float32{1, 2, 3}},
		{Name: "b", Shape: []int{2}, Data: []float32{4, 5}},
	})
	key := bytes.Index(whole, sealMark)
	for i := range whole {
		for bit := range 8 {
			damaged := bytes.Clone(whole)
			damaged[i] ^= 1 << bit
			_, _, err := readAll(damaged)
			if err == nil && (i < key || i >= key+len(sealMark)) {
				t.Errorf("byte %d, bit %d: no error", i, bit)
			}
		}
		if _, _, err := readAll(whole[:i]); err == nil {
			t.Errorf("cut at %d: no error", i)
		}
	}
	if _, _, err := readAll(append(whole, 0)); err == nil {
		t.Error("byte appended: no error")
	}
}

func TestReadErrors(t *testing.T) {
	tensor := func(name string, shape, offsets string) string {
		return fmt.Sprintf(`%q:{"dtype":"F32","shape":%s,"data_offsets":%s}`, name, shape, offsets)
	}
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "file is empty: want a safetensors file"},
		{"no header", file("", 0), `header begins with "": want '{': not a safetensors file`},
		{"a zip file", []byte("PK\x03\x04 and so on"), "file is a zip archive"},
		{"long header", file("{}", 0)[:9], "header of 2 bytes in a file of 9: the file is truncated"},
		{"huge header", append([]byte{0, 0, 0, 0, 0, 0, 0, 0x80}, "{}"...), "header of 9223372036854775808 bytes: want at most 100000000: not a safetensors file"},
		{"not an object", file("[]", 0), `header begins with "[": want '{': not a safetensors file`},
		{"not UTF-8", file("{\"\xff\":0}", 0), "header is not UTF-8"},
		{"syntax", file(`{"a":}`, 0), "header: invalid character '}' looking for beginning of value"},
		{"two values", file(`{}{}`, 0), "header: invalid character '{' after top-level value"},
		{"metadata array", file(`{"__metadata__":[]}`, 0), "metadata is [: want an object"},
		{"metadata number", file(`{"__metadata__":{"a":1}}`, 0), `metadata "a" is 1: want a string`},
		{"metadata twice", file(`{"__metadata__":{"a":"","a":""}}`, 0), `metadata: key "a" is duplicated`},
		{"tensor twice", file("{"+tensor("a", "[1]", "[0,4]")+","+tensor("a", "[1]", "[4,8]")+"}", 8), `header: key "a" is duplicated`},
		{"escaped twice", file("{"+tensor("a", "[1]", "[0,4]")+`,"\u0061":{}}`, 8), `header: key "a" is duplicated`},
		{"tensor null", file(`{"a":null}`, 0), `tensor "a" is <nil>: want an object`},
		{"unknown key", file(`{"a":{"Dtype":"F32"}}`, 0), `tensor "a": unknown key "Dtype": want dtype, shape and data_offsets`},
		{"no dtype", file(`{"a":{}}`, 0), `tensor "a" has no dtype`},
		{"dtype", file(`{"a":{"dtype":"F16"}}`, 0), `tensor "a" is of dtype "F16": want F32, I64 or U8`},
		{"dtype number", file(`{"a":{"dtype":32}}`, 0), `tensor "a": dtype is 32: want a string`},
		{"no shape", file(`{"a":{"dtype":"F32"}}`, 0), `tensor "a" has no shape`},
		{"shape null", file(`{"a":{"shape":null}}`, 0), `tensor "a": shape is <nil>: want an array`},
		{"negative size", file("{"+tensor("a", "[-1]", "[0,4]")+"}", 4), `tensor "a": shape holds -1: want a non-negative integer`},
		{"fraction", file("{"+tensor("a", "[1.0]", "[0,4]")+"}", 4), `tensor "a": shape holds 1.0: want a non-negative integer`},
		{"size as text", file("{"+tensor("a", `["1"]`, "[0,4]")+"}", 4), `tensor "a": shape holds 1: want a non-negative integer`},
		{"too large", file("{"+tensor("a", "[4294967296,4294967296]", "[0,4]")+"}", 4), `tensor "a" of shape [4294967296 4294967296] is too large`},
		{"huge size", file("{"+tensor("a", "[9223372036854775808]", "[0,4]")+"}", 4), "want a non-negative integer"},
		{"no offsets", file(`{"a":{"dtype":"F32","shape":[]}}`, 0), `tensor "a" has 0 data_offsets: want 2`},
		{"size and shape", file("{"+tensor("a", "[2]", "[0,4]")+"}", 4), `tensor "a" of shape [2] at offsets [0 4]: want 8 bytes`},
		{"backwards", file("{"+tensor("a", "[1]", "[4,0]")+"}", 4), `tensor "a" of shape [1] at offsets [4 0]: want 4 bytes`},
		{"claims a lot", file("{"+tensor("a", "[1000000000000]", "[0,4000000000000]")+"}", 4), `tensor "a" ends at 4000000000000 of 4 bytes of values: the file is truncated`},
		{"overlap", file("{"+tensor("a", "[2]", "[0,8]")+","+tensor("b", "[2]", "[4,12]")+"}", 12), `tensor "b" begins at 4: it overlaps tensor "a", which ends at 8`},
		{"gap", file("{"+tensor("a", "[1]", "[0,4]")+","+tensor("b", "[1]", "[8,12]")+"}", 12), `tensor "b" begins at 8: want 4, without a gap`},
		{"first gap", file("{"+tensor("a", "[1]", "[4,8]")+"}", 8), `tensor "a" begins at 4: want 0, without a gap`},
		{"truncated", file("{"+tensor("a", "[2]", "[0,8]")+"}", 7), `tensor "a" ends at 8 of 7 bytes of values: the file is truncated`},
		{"trailing", file("{"+tensor("a", "[1]", "[0,4]")+"}", 5), "1 bytes after the last tensor: want none"},
		{"number of checksums", file(`{ "__metadata__":{"crc32c": "00000000 00000000"}}`, 0), `metadata "crc32c" holds 2 checksums: want 1`},
		{"bad checksum", file(`{"__metadata__":{"crc32c": "00000000 +0000000"},`+tensor("a", "[0]", "[0,0]")+"}", 0), `metadata "crc32c": checksum "+0000000": want 8 hexadecimal digits`},
		{"header's checksum", file(`{"__metadata__":{"crc32c":"00000000"}}`, 0), `header is damaged: checksum 39d56456: want "00000000"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := open(test.file)
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); !strings.HasPrefix(got, "safetensors: ") || !strings.Contains(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestReadAnothersFile(t *testing.T) {
	header := `{ "b" : {"shape":[1,2],"dtype":"F32","data_offsets":[4,12]}, "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]} }  `
	b := append(file(header, 0), 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0, 0x3f)
	metadata, got, err := readAll(b)
	if err != nil {
		t.Fatal(err)
	}
	want := []Tensor{{Name: "a", Shape: []int{}, Data: []float32{1}}, {Name: "b", Shape: []int{1, 2}, Data: []float32{-2, 0.5}}}
	if diff := cmp.Diff(want, got); diff != "" || len(metadata) != 0 {
		t.Errorf("metadata %v; tensors %s", metadata, diff)
	}
}

func TestReadOne(t *testing.T) {
	b := encode(t, nil, []Tensor{{Name: "a", Shape: []int{2}, Data: []float32{1, 2}}})
	f, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Read("b", nil); err == nil || err.Error() != `safetensors: no tensor "b"` {
		t.Error(err)
	}
	if err := f.Read("a", make([]float32, 3)); err == nil || err.Error() != `safetensors: tensor "a" has 2 values: want 3` {
		t.Error(err)
	}
	if _, ok := f.Tensor("b"); ok {
		t.Error("tensor b exists")
	}
	if info, ok := f.Tensor("a"); !ok || !cmp.Equal(info.Shape, []int{2}) {
		t.Error(info, ok)
	}
	b[len(b)-1] ^= 1
	if err := f.Read("a", make([]float32, 2)); err == nil || !strings.Contains(err.Error(), `tensor "a" is damaged`) {
		t.Error(err)
	}
	short, err := NewReader(bytes.NewReader(b[:len(b)-1]), int64(len(b))) // cut after its size was read
	if err != nil {
		t.Fatal(err)
	}
	if err := short.Read("a", make([]float32, 2)); err == nil || !strings.Contains(err.Error(), "the file ends at") {
		t.Error(err)
	}
}

// failing accepts that many bytes, then fails.
type failing int

var errFull = errors.New("no space left")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > int(*f) {
		return 0, errFull
	}
	*f -= failing(len(p))
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	one := Tensor{Name: "a", Shape: []int{1}, Data: []float32{1}}
	tests := []struct {
		metadata map[string]string
		tensors  []Tensor
		want     string
	}{
		{map[string]string{"crc32c": ""}, nil, `metadata "crc32c": the key is reserved for the checksums`},
		{map[string]string{"a": "\xff"}, nil, `metadata "a" is not UTF-8`},
		{nil, []Tensor{one, one}, `tensor "a": the name is taken`},
		{nil, []Tensor{{Name: "__metadata__", Data: []float32{1}}}, `tensor "__metadata__": the name is taken`},
		{nil, []Tensor{{Name: "\xff", Data: []float32{1}}}, `tensor name "\xff" is not UTF-8`},
		{nil, []Tensor{{Name: "a", Shape: []int{2}, Data: []float32{1}}}, `tensor "a" of shape [2] has 1 values`},
		{nil, []Tensor{{Name: "a", Shape: []int{-1, -1}, Data: []float32{1}}}, `tensor "a" of shape [-1 -1] has 1 values`},
	}
	for _, test := range tests {
		if err := Write(io.Discard, test.metadata, test.tensors); err == nil || err.Error() != "safetensors: "+test.want {
			t.Errorf("got  %v\nwant safetensors: %s", err, test.want)
		}
	}
	for room := range len(encode(t, nil, []Tensor{one})) {
		f := failing(room)
		if err := Write(&f, nil, []Tensor{one}); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

// FuzzRead checks that no file makes the reader panic or allocate much more than its size, and that an accepted file
// survives writing and reading.
func FuzzRead(f *testing.F) {
	f.Add(encode(f, map[string]string{"a": "b"}, []Tensor{{Name: "w", Shape: []int{2}, Data: []float32{1, 2}}}))
	f.Add(file(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4))
	f.Add(file(`{"w":{"dtype":"F32","shape":[4611686018427387904,0],"data_offsets":[0,0]}}`, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		metadata, tensors, err := readAll(b)
		if err != nil {
			return
		}
		again := encode(t, metadata, tensors)
		_, got, err := readAll(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tensors, got, sameBits, cmpopts.SortSlices(func(a, b Tensor) bool { return a.Name < b.Name })); diff != "" {
			t.Fatal(diff)
		}
	})
}

func Example() {
	var buf bytes.Buffer
	err := Write(&buf, map[string]string{"format": "1"}, []Tensor{{Name: "bias", Shape: []int{2}, Data: []float32{1, 0.5}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range f.Tensors() {
		data := make([]float32, t.Len())
		if err := f.Read(t.Name, data); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(t.Name, t.Shape, data, f.Metadata()["format"])
	}
	// Output: bias [2] [1 0.5] 1
}

// A stream holds another type than float32, or values that are produced while they are written.
func ExampleWriteStreams() {
	var buf bytes.Buffer
	weights := Tensor{Name: "weights", Shape: []int{2}, Data: []float32{1, 2}}
	if err := WriteStreams(&buf, nil, []Stream{weights.Stream(), Bytes("names", []byte("a\nb\n"))}); err != nil {
		fmt.Println(err)
		return
	}
	f, err := NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	names, err := io.ReadAll(f.Stream("names"))
	fmt.Printf("%q %v\n", names, err)
	// Output: "a\nb\n" <nil>
}

func BenchmarkRead(b *testing.B) {
	data := make([]float32, 4<<20)
	whole := encode(b, nil, []Tensor{{Name: "w", Shape: []int{len(data)}, Data: data}})
	b.SetBytes(int64(len(whole)))
	for b.Loop() {
		f, err := open(whole)
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Read("w", data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	data := make([]float32, 4<<20)
	b.SetBytes(int64(4 * len(data)))
	for b.Loop() {
		if err := Write(io.Discard, nil, []Tensor{{Name: "w", Shape: []int{len(data)}, Data: data}}); err != nil {
			b.Fatal(err)
		}
	}
}
