package main

import (
	"cmp"
	"path/filepath"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// Shapes that training data has.
const (
	noData = iota
	madeData
	textData
	fileData
	pairData
	severalData
)

// shape is that of the training data, as far as files are named.
func (d *dataConfig) shape() int {
	switch {
	case len(d.Corpora) > 0:
		return severalData
	case len(d.Text) > 0:
		return textData
	case len(d.Train) > 0:
		return fileData
	case len(d.TrainSource)+len(d.TrainTarget) > 0:
		return pairData
	case d.isMade():
		return madeData
	}
	return noData
}

// giveWay removes what over, which is nearer to the user and comes next, takes the place of. Training data of another
// shape replaces all data; so does any in place of a recipe's, whose validation data is of another corpus.
func (d *dataConfig) giveWay(over *dataConfig, isRecipe bool) {
	was, is := d.shape(), over.shape()
	if was == noData && !isPairs(d.Format) {
		was = fileData // to be named
	}
	if is == noData || is == madeData || was == noData {
		return
	}
	if was == is && !isRecipe {
		return // file by file
	}
	if isRecipe || was == madeData {
		d.TrainExamples, d.ValidExamples, d.Holdout = 0, 0, 0 // of that data
	}
	if _, validated := d.validation(); isRecipe && (validated || was == madeData) {
		d.Holdout = someHeldOut
	}
	if was != is && !(was == madeData && is == fileData) {
		d.Format = corpora.Format{}
	}
	d.Text, d.Train, d.TrainSource, d.TrainTarget, d.Corpora = nil, nil, nil, nil, nil
	d.TrainWeights, d.TrainAlignment = nil, nil
	d.ValidText, d.Valid, d.ValidSource, d.ValidTarget = nil, nil, nil, nil
}

// settle sets what the names of files say about their format.
func (d *dataConfig) settle() {
	if d.Format == (corpora.Format{}) && len(d.Train) > 0 {
		d.Format.Type = typeByName(d.Train[0])
	}
	for i := range d.Corpora {
		c := &d.Corpora[i]
		if c.Format == (corpora.Format{}) && isPairs(d.Format) && len(c.File) > 0 {
			c.Format.Type = typeByName(c.File[0])
		}
	}
}

// typeByName is the format that a file's name ends in, "" if it does not say.
func typeByName(name string) string {
	ext := filepath.Ext(name)
	switch ext {
	case ".gz", ".zst", ".xz", ".bz2":
		ext = filepath.Ext(strings.TrimSuffix(name, ext))
	}
	switch strings.ToLower(ext) {
	case ".tsv":
		return corpora.TypeTSV
	case ".jsonl", ".ndjson":
		return corpora.TypeJSONL
	case ".dict":
		return corpora.TypeCMUdict
	}
	return ""
}

// spoken is the format of lines that a model trained on this data reads and writes: without weights, which training
// alone has.
func (d *dataConfig) spoken() corpora.Format {
	f := d.Format
	if len(d.Corpora) > 0 {
		f = d.training()[0].Format
	}
	if f.WeightColumn > 0 {
		f.SourceColumn, f.TargetColumn = cmp.Or(f.SourceColumn, 1), cmp.Or(f.TargetColumn, 2)
	}
	f.WeightColumn, f.WeightField = 0, ""
	return f
}
