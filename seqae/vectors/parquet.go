package vectors

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// record is a row in Parquet.
type record struct {
	Text   string    `parquet:"text"`
	Vector []float32 `parquet:"vector,list"`
}

// A row group is buffered in memory until it has groupBytes bytes, and holds at least one batch of rows.
const (
	groupBytes = 16 << 20
	batchRows  = 64
)

func writeParquet(b *bufio.Writer, rows iter.Seq2[Row, error]) error {
	w := parquet.NewGenericWriter[record](b)
	batch := make([]record, 0, batchRows)
	size := 0
	flush := func() error {
		_, err := w.Write(batch)
		batch = batch[:0]
		if err == nil && size >= groupBytes {
			size = 0
			err = w.Flush()
		}
		return err
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		batch = append(batch, record(r))
		if size += 4*len(r.Vector) + len(r.Text); len(batch) == cap(batch) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return w.Close()
}

// parquetReader reads the rows of a file, group by group.
type parquetReader struct {
	groups       []parquet.RowGroup // groups to read
	rows         parquet.Rows       // rows of the current group; nil between groups
	buf          []parquet.Row
	have         []parquet.Row // rows of buf that next has not returned yet
	text, vector int           // indices of the columns; text is -1 if there is none
	double       bool          // the vectors are of doubles
}

// newParquetReader finds the columns.
func newParquetReader(in io.ReaderAt, size int64) (r *parquetReader, err error) {
	defer recoverParquet(&err)
	f, err := parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, wrongKind("not a parquet file, or truncated: %w", err)
	}
	r = &parquetReader{groups: f.RowGroups(), text: -1, vector: -1, buf: make([]parquet.Row, batchRows)}
	for _, path := range f.Schema().Columns() {
		leaf, _ := f.Schema().Lookup(path...)
		switch path[0] {
		case "text":
			if len(path) != 1 || leaf.Node.Type().Kind() != parquet.ByteArray {
				return nil, errors.New("column text has another type: want strings")
			}
			r.text = leaf.ColumnIndex
		case "vector":
			kind := leaf.Node.Type().Kind()
			if r.vector >= 0 || leaf.MaxRepetitionLevel != 1 || kind != parquet.Float && kind != parquet.Double {
				return nil, errors.New("column vector has another type: want lists of float or double")
			}
			r.vector, r.double = leaf.ColumnIndex, kind == parquet.Double
		}
	}
	if r.vector < 0 {
		return nil, wrongKind("has no column vector: want one with lists of float")
	}
	return r, nil
}

// recoverParquet turns a panic of the library into an error: damaged pages make it panic.
func recoverParquet(err *error) {
	if p := recover(); p != nil {
		*err = damaged("parquet file is damaged: %v", p)
	}
}

// next returns the next row, and io.EOF after the last.
func (r *parquetReader) next() (row Row, err error) {
	defer recoverParquet(&err)
	for len(r.have) == 0 {
		if r.rows == nil {
			if len(r.groups) == 0 {
				return Row{}, io.EOF
			}
			r.rows, r.groups = r.groups[0].Rows(), r.groups[1:]
		}
		n, err := r.rows.ReadRows(r.buf)
		r.have = r.buf[:n]
		if err == io.EOF {
			err = r.close()
		}
		if err != nil && n == 0 {
			return Row{}, damaged("parquet file is damaged: %w", err)
		}
	}
	values := r.have[0]
	r.have = r.have[1:]
	for column, part := range values.Range {
		switch column {
		case r.text:
			if !part[0].IsNull() {
				row.Text = string(part[0].ByteArray())
			}
		case r.vector:
			if row.Vector, err = r.floats(part); err != nil {
				return Row{}, err
			}
		}
	}
	return row, nil
}

// floats returns the numbers of a list.
func (r *parquetReader) floats(list []parquet.Value) ([]float32, error) {
	if i := slices.IndexFunc(list, parquet.Value.IsNull); i >= 0 {
		if len(list) == 1 { // an empty list
			return nil, nil
		}
		return nil, fmt.Errorf("number %d of the vector is null: want a finite number", i+1)
	}
	v := make([]float32, len(list))
	for i, x := range list {
		if r.double {
			v[i] = float32(x.Double())
		} else {
			v[i] = x.Float()
		}
	}
	return v, nil
}

func (r *parquetReader) close() error {
	if r.rows == nil {
		return nil
	}
	err := r.rows.Close()
	r.rows = nil
	return err
}
