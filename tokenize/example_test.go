package tokenize_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"log"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/retell-rnn/retell/tokenize"
)

// lines streams lines of text, as package corpora streams those of files.
func lines(text ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, line := range text {
			if !yield(line, nil) {
				return
			}
		}
	}
}

// BPE encodes frequent words as few pieces and spells unknown characters in bytes.
func Example() {
	codec, err := tokenize.Learn(tokenize.Config{Kind: tokenize.BPE, Merges: 20, Lowercase: true},
		lines("The lower the better.", "The lowest is the best."))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Join(codec.Tokens("The lowest better, naïvely"), " "))
	fmt.Println(codec.Decode(codec.Encode("The lowest better, naïvely")))
	// Output:
	// ▁the ▁lowe st ▁be t t e r <0x2C> ▁ <0x6E> <0x61> <0xC3> <0xAF> <0x76> e l <0x79>
	// the lowest better, naïvely
}

// A word has the same token beside spaces and punctuation, and decoding restores the spacing.
func ExampleLearn_words() {
	codec, err := tokenize.Learn(tokenize.Config{Kind: tokenize.Words}, lines("Hello, world.", "a (small) world"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Join(codec.Tokens("a world, (world)."), " "))
	fmt.Println(codec.Decode(codec.Encode("Goodbye,  (cruel) world.")))
	// Output:
	// a world ￭, (￭ world ￭) ￭.
	// <unk>, (<unk>) world.
}

// A vocabulary for both sides of a translation is learned from both streams.
func ExampleLearn_shared() {
	codec, err := tokenize.Learn(tokenize.Config{Kind: tokenize.Space, MinCount: 2},
		lines("an arm", "a hand"), lines("ein Arm", "eine Hand , a"))
	if err != nil {
		log.Fatal(err)
	}
	vocab := codec.Vocab()
	for id := range int32(vocab.Size()) {
		fmt.Print(vocab.Token(id), "=", vocab.Count(id), " ")
	}
	// Output: <pad>=0 <unk>=8 <s>=0 </s>=0 a=2
}

// The file of a model holds its codec as JSON.
func ExampleCodec_UnmarshalJSON() {
	codec, err := tokenize.Learn(tokenize.Config{Kind: tokenize.Space}, lines("K AE1 T"))
	if err != nil {
		log.Fatal(err)
	}
	data, err := json.Marshal(codec)
	if err != nil {
		log.Fatal(err)
	}
	var stored tokenize.Codec
	if err := json.Unmarshal(data, &stored); err != nil {
		log.Fatal(err)
	}
	fmt.Println(stored.Encode("T AE1 K"))

	err = json.Unmarshal([]byte(strings.Replace(string(data), `"version":2`, `"version":9`, 1)), &stored)
	fmt.Println(err)
	// Output:
	// [6 4 5]
	// tokenize: codec: version 9: want 1 to 2
}

// A codec learns the words of another text; old tokens keep their ids.
func ExampleCodec_Extend() {
	codec, err := tokenize.Learn(tokenize.Config{Kind: tokenize.Words}, lines("the cat sleeps"))
	if err != nil {
		log.Fatal(err)
	}
	more, err := codec.Extend(2, lines("the owl hunts", "an owl hunts"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(codec.Encode("the owl sleeps"), more.Encode("the owl sleeps"), more.Size()-codec.Size())
	// Output: [8 1 7] [8 10 7] 2
}

// BPE dropout draws another segmentation each time; all decode to the same line.
func ExampleCodec_EncodeDropout() {
	codec, err := tokenize.Learn(tokenize.Config{Merges: 20}, lines("low lower lowest", "new newer newest"))
	if err != nil {
		log.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, p := range []float64{0, 0.5, 1} {
		ids := codec.EncodeDropout("lowest", p, rng)
		fmt.Println(len(ids), codec.Decode(ids))
	}
	// Output:
	// 2 lowest
	// 4 lowest
	// 7 lowest
}

// Unseen lists the words of a line that become <unk>.
func ExampleCodec_Unseen() {
	codec, err := tokenize.Learn(tokenize.Config{Kind: tokenize.Words}, lines("the cat sleeps"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", codec.Unseen("the big cat sleeps, the owl hunts"))
	// Output: ["big" "," "owl" "hunts"]
}

// The pieces of a word have the same index.
func ExampleCodec_WordIndex() {
	codec, err := tokenize.Learn(tokenize.Config{Merges: 4}, lines("low lower", "low new"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(codec.Tokens("lower new"), codec.WordIndex("lower new"))
	// Output: [▁low e r ▁ n e w] [0 0 0 1 1 1 1]
}

// SubwordNMT segments words as subword-nmt does and writes its file of codes.
func ExampleSubwordNMT() {
	bpe, err := tokenize.LearnSubwordNMT(3, lines("low low lower", "low newer"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bpe.Segment("low lower slow"))
	if _, err := bpe.WriteTo(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// low lo@@ we@@ r s@@ low
	// #version: 0.2
	// l o
	// lo w</w>
	// w e
}
