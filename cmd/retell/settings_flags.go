package main

import (
	"reflect"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
)

// settingFlags are flags for the most common settings.
type settingFlags struct {
	epochs, batch, hidden, layers int
	rate                          float64
}

func (f *settingFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&f.epochs, "epochs", 0, "number of passes over the data (train.epochs)")
	flags.Float64Var(&f.rate, "lr", 0, "learning rate (train.schedule.rate)")
	flags.IntVar(&f.batch, "batch", 0, "number of sentences in a batch (train.batch_sentences)")
	flags.IntVar(&f.hidden, "hidden", 0, "size of the recurrent layers (model.encoder.hidden and model.decoder.hidden)")
	flags.IntVar(&f.layers, "layers", 0, "number of recurrent layers (model.encoder.layers and model.decoder.layers)")
}

// apply sets the settings of the given flags.
func (f *settingFlags) apply(cmd *cobra.Command, m *seq2seq.Config, t *seq2seq.TrainOptions) error {
	for _, s := range []struct {
		flag string
		bad  bool
		want string
		set  func()
	}{
		{"epochs", f.epochs < 1, "1 or more", func() { t.Epochs = f.epochs }},
		{"lr", !(f.rate > 0), "a number above 0", func() { t.Schedule.Rate = f.rate }},
		{"batch", f.batch < 1, "1 or more", func() { t.BatchSentences, t.BatchTokens, t.Memory = f.batch, 0, 0 }},
		{"hidden", f.hidden < 1, "1 or more", func() { m.Encoder.Hidden, m.Decoder.Hidden = f.hidden, f.hidden }},
		{"layers", f.layers < 1, "1 or more", func() { m.Encoder.Layers, m.Decoder.Layers = f.layers, f.layers }},
	} {
		flag := cmd.Flags().Lookup(s.flag)
		switch {
		case flag == nil || !flag.Changed:
		case s.bad:
			return misusef("--%s is %s: want %s", s.flag, flag.Value, s.want)
		default:
			s.set()
		}
	}
	return nil
}

// otherNames maps names of settings in other toolkits to the names here.
var otherNames = map[string]string{
	"learning_rate":    "train.schedule.rate",
	"batch_size":       "train.batch_sentences",
	"optim":            "train.optimizer.kind",
	"optimizer":        "train.optimizer.kind",
	"weight_decay":     "train.optimizer.decay",
	"grad_clip":        "train.clip",
	"max_grad_norm":    "train.clip",
	"early_stopping":   "train.patience",
	"hidden_size":      "model.encoder.hidden",
	"rnn_size":         "model.encoder.hidden",
	"emb_size":         "model.encoder.embedding",
	"embedding_size":   "model.encoder.embedding",
	"word_vec_size":    "model.encoder.embedding",
	"num_layers":       "model.encoder.layers",
	"rnn_type":         "model.encoder.cell",
	"global_attention": "model.decoder.attention",
	"vocab_size":       "model.source.max_size",
	"latent_size":      "model.bottleneck.size",
	"max_len":          "train.max_source_tokens",
	"max_length":       "train.max_source_tokens",
}

// settingOf returns the settings that a flag name means, joined with "or"; "" if there are none.
func settingOf(root reflect.Type, name string) string {
	name = strings.ReplaceAll(name, "-", "_")
	var same []string
	for _, key := range allKeys(root, "") {
		if section, last := splitPath(key); section != "" && (last == name || key == name) {
			same = append(same, key)
		}
	}
	if len(same) > 0 {
		return strings.Join(same[:min(3, len(same))], " or ")
	}
	return otherNames[name]
}

// nearestSetting returns the settings that a flag name probably misspells, joined with "or"; "" if there are none.
func nearestSetting(root reflect.Type, name string) string {
	if key := settingOf(root, name); key != "" {
		return key
	}
	var names []string
	for _, key := range allKeys(root, "") {
		if section, last := splitPath(key); section != "" {
			names = append(names, last)
		}
	}
	return settingOf(root, nearest(strings.ReplaceAll(name, "-", "_"), names))
}

// settingsOf returns the type of the settings that a verb reads.
func settingsOf(cmd *cobra.Command) reflect.Type {
	if cmd.HasParent() {
		switch cmd.Parent().Name() {
		case "classify":
			return reflect.TypeFor[classifyConfig]()
		case "label":
			return reflect.TypeFor[labelConfig]()
		}
	}
	return reflect.TypeFor[runConfig]()
}
