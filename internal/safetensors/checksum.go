package safetensors

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// digits is the length of a checksum as text.
const digits = 8

// noDigits is the placeholder of the header's checksum while it is computed.
const noDigits = "00000000"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is a writer that computes the CRC-32C and counts the bytes written.
type checksum struct {
	crc  uint32
	size int64
}

func (c *checksum) Write(b []byte) (int, error) {
	c.crc = crc32.Update(c.crc, castagnoli, b)
	c.size += int64(len(b))
	return len(b), nil
}

func hexadecimal(sum uint32) string { return fmt.Sprintf("%08x", sum) }

// sealMark precedes the header's checksum in a header without white space. Within JSON it can only be the key: in a
// string, its quotation marks would be escaped.
var sealMark = []byte(`"` + ChecksumKey + `":"`)

// seal writes a header's checksum over the placeholder after sealMark.
func seal(header []byte) {
	at := bytes.Index(header, sealMark) + len(sealMark)
	copy(header[at:], hexadecimal(crc32.Checksum(header, castagnoli)))
}

// checkSeal verifies the checksum of a header, if it has one.
func checkSeal(header []byte) error {
	at := bytes.Index(header, sealMark)
	if at < 0 {
		return nil
	}
	at += len(sealMark)
	if len(header) < at+digits {
		return nil // not JSON: the parser reports it
	}
	sum := crc32.Update(0, castagnoli, header[:at])
	sum = crc32.Update(sum, castagnoli, []byte(noDigits))
	sum = crc32.Update(sum, castagnoli, header[at+digits:])
	if got, want := hexadecimal(sum), header[at:at+digits]; got != string(want) {
		return fmt.Errorf("safetensors: header is damaged: checksum %s: want %q", got, want)
	}
	return nil
}

// parseSums reads the checksums of n arrays from the value of ChecksumKey.
func parseSums(value string, n int) ([]uint32, error) {
	fields := strings.Split(value, " ")
	if len(fields) != n+1 {
		return nil, fmt.Errorf("safetensors: metadata %q holds %d checksums: want %d", ChecksumKey, len(fields), n+1)
	}
	sums := make([]uint32, n)
	for i, field := range fields[1:] {
		sum, err := strconv.ParseUint(field, 16, 32)
		if err != nil || len(field) != digits {
			return nil, fmt.Errorf("safetensors: metadata %q: checksum %q: want %d hexadecimal digits", ChecksumKey, field, digits)
		}
		sums[i] = uint32(sum)
	}
	return sums, nil
}
