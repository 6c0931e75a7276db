package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/quote"
	"github.com/retell-rnn/retell/tokenize"
)

func newTokenizer() *cobra.Command {
	return group("tokenizer", "Learn and apply tokenizers",
		newTokenizerLearn(), newTokenizerEncode(), newTokenizerDecode())
}

func newTokenizerLearn() *cobra.Command {
	var cfg tokenize.Config
	var out string
	cmd := &cobra.Command{
		Use:   "learn [FILE...]",
		Short: "Learn a tokenizer from text and write it to a file",
		Long: `Learn a tokenizer from the lines of all files together (default: standard input). Training learns its own
tokenizers. Use this verb to inspect one, to share one between models, or to prepare text for other tools.`,
		Example: `  retell tokenizer learn --kind bpe --merges 8000 -o tok.json train.en train.de
  zcat train.en.gz | retell tokenizer learn --kind words --min-count 2 --lowercase > tok.json`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := cfg.Validate(); err != nil {
				return misuse{err}
			}
			if err := checkOutputs(out); err != nil {
				return err
			}
			if len(files) == 0 {
				files = []string{"-"}
			}
			var lines []iter.Seq2[string, error]
			var skipped corpora.Skipped
			for _, file := range files {
				lines = append(lines, corpora.Skip(corpora.Lines(file, readOptions(cmd)), &skipped))
			}
			codec, err := tokenize.Learn(cfg, lines...)
			if err != nil {
				return err
			}
			logSkipped(logger(cmd), "", &skipped)
			if err := writeOutput(cmd, out, func(w *bufio.Writer) error { return writeJSON(w, codec) }); err != nil {
				return err
			}
			logger(cmd).Info("learned a tokenizer", "kind", codec.Config().Kind, "tokens", codec.Size())
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar((*string)(&cfg.Kind), "kind", string(tokenize.BPE), "kind of tokens: words, space, chars, bytes, bpe, line or fields")
	flags.StringVar((*string)(&cfg.Normalize), "normalize", string(tokenize.NFC), "Unicode normal form: nfc, nfkc or none")
	flags.BoolVar(&cfg.Lowercase, "lowercase", false, "convert text to lower case")
	flags.StringVar(&cfg.Stem, "stem", "", "language whose stemmer replaces words by their stems, such as english (default: none)")
	flags.IntVar(&cfg.Merges, "merges", 0, fmt.Sprintf("number of merges of bpe (0 = %d)", tokenize.DefaultMerges))
	flags.IntVar(&cfg.MinCount, "min-count", 0, "minimum count of a token (0 = 1)")
	flags.IntVar(&cfg.MaxSize, "max-size", 0, "maximum number of tokens, without special symbols (0 = no limit)")
	flags.BoolVar(&cfg.Lossless, "lossless", false, "keep white space and invisible marks")
	flags.BoolVar(&cfg.KeepCase, "keep-case", false, "keep the case of letters in text that has one case only")
	flags.StringVarP(&out, "output", "o", "", "output file (default: standard output)")
	return cmd
}

func newTokenizerEncode() *cobra.Command {
	var tokenizer string
	var lines answerFlags
	var ids bool
	cmd := &cobra.Command{
		Use:   "encode -t TOKENIZER [FILE]",
		Short: "Turn lines into tokens separated by spaces",
		Long: `Turn each line of FILE (default: standard input) into tokens, separated by spaces. The mark ▁ stands for a space inside
a token; the documentation of package tokenize explains the other marks.

` + onErrorHelp,
		Example: `  retell tokenizer encode -t tok.json < train.en
  retell tokenizer encode -t tok.json --ids train.en`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			codec, err := readTokenizer(tokenizer)
			if err != nil {
				return err
			}
			return mapLines(cmd, args, &lines, func(line string) (string, error) {
				if !ids {
					return strings.Join(codec.Tokens(line), " "), nil
				}
				var numbers []string
				for _, id := range codec.Encode(line) {
					numbers = append(numbers, strconv.Itoa(int(id)))
				}
				return strings.Join(numbers, " "), nil
			})
		},
	}
	tokenizerFlag(cmd, &tokenizer)
	lines.add(cmd)
	cmd.Flags().BoolVar(&ids, "ids", false, "write the numbers of the tokens")
	return cmd
}

func newTokenizerDecode() *cobra.Command {
	var tokenizer string
	var lines answerFlags
	var ids bool
	cmd := &cobra.Command{
		Use:     "decode -t TOKENIZER [FILE]",
		Short:   "Turn tokens back into lines",
		Long:    "Turn tokens separated by spaces back into lines, the inverse of encode. A token outside the vocabulary becomes <unk>.\n\n" + onErrorHelp,
		Example: "  retell tokenizer encode -t tok.json < train.en | retell tokenizer decode -t tok.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			codec, err := readTokenizer(tokenizer)
			if err != nil {
				return err
			}
			return mapLines(cmd, args, &lines, func(line string) (string, error) {
				var tokens []int32
				for token := range strings.SplitSeq(line, " ") {
					if token == "" {
						continue
					}
					id, err := tokenID(codec, token, ids)
					if err != nil {
						return "", err
					}
					tokens = append(tokens, id)
				}
				return codec.Decode(tokens), nil
			})
		},
	}
	tokenizerFlag(cmd, &tokenizer)
	lines.add(cmd)
	cmd.Flags().BoolVar(&ids, "ids", false, "read the numbers of the tokens")
	return cmd
}

// tokenID returns the id of a word in the input of decode.
func tokenID(codec *tokenize.Codec, token string, isNumber bool) (int32, error) {
	if !isNumber {
		id, ok := codec.Vocab().ID(token)
		if !ok {
			id = tokenize.Unk
		}
		return id, nil
	}
	n, err := strconv.ParseInt(token, 10, 32)
	if err != nil || n < 0 || n >= int64(codec.Size()) {
		return 0, fmt.Errorf("%s is no token of the vocabulary: want a number from 0 to %d", quote.Text(token), codec.Size()-1)
	}
	return int32(n), nil
}

func tokenizerFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVarP(to, "tokenizer", "t", "", "tokenizer file, as learn writes it")
	required(cmd, "tokenizer")
}

func readTokenizer(path string) (*tokenize.Codec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	codec := new(tokenize.Codec)
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), codec); err != nil {
		return nil, fmt.Errorf("%s is no tokenizer: %s", path, quote.JSON(err))
	}
	return codec, nil
}
