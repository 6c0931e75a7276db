package tfevent

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"
)

// TestGolden pins the bytes of a file that TensorBoard 2.21.0 reads as these scalars.
func TestGolden(t *testing.T) {
	var b bytes.Buffer
	at := time.Unix(1_700_000_000, 500_000_000)
	w, err := NewWriter(&b, 10, func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Scalars(300, Scalar{"train/loss", 1.5}, Scalar{"valid/loss", -2}); err != nil {
		t.Fatal(err)
	}
	want := "1a00000000000000129bd82d0900002040fc54d94110001a0d627261696e2e4576656e743a32bf8a691d0f000000000000006d532b090900002040fc54d941100a3a0208017c25215434000000000000005e33175c0900002040fc54d94110ac022a260a110a0a747261696e2f6c6f7373150000c03f0a110a0a76616c69642f6c6f737315000000c0e2642f30"
	if got := hex.EncodeToString(b.Bytes()); got != want {
		t.Errorf("file is\n%s: want\n%s", got, want)
	}
	if got := FileName(at, 7); got != "events.out.tfevents.1700000000.7.retell" {
		t.Errorf("file name %s", got)
	}
}
