package main

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/corpora"
)

// Shapes of training data.
const (
	noData = iota
	madeData
	textData
	fileData
	pairData
	severalData
)

// shape returns the shape of the training data, as the named files show it.
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

// giveWay removes the data that over, the next layer of settings, replaces. Training data of another shape replaces all
// data. Any training data replaces all of a recipe's, since a recipe's validation data is from another corpus.
func (d *dataConfig) giveWay(over *dataConfig, isRecipe bool) {
	was, is := d.shape(), over.shape()
	if was == noData && !isPairs(d.Format) {
		was = fileData // the file is still to be named
	}
	if is == noData || is == madeData || was == noData {
		return
	}
	if was == is && !isRecipe {
		return // the next layer replaces single files
	}
	if isRecipe || was == madeData {
		d.TrainExamples, d.ValidExamples, d.Holdout = 0, 0, 0 // these numbers suit the replaced data
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

// settle sets the formats that the names of files imply for a kind of model.
func (d *dataConfig) settle(kind string) {
	typeByName := typeByName
	if kind == kindEmbedder {
		typeByName = setTypeByName
	}
	if d.Format == (corpora.Format{}) && len(d.Train) > 0 {
		d.Format.Type = typeByName(d.Train[0])
	}
	for i := range d.Exclude {
		c := &d.Exclude[i]
		if c.Format == (corpora.Format{}) && len(c.File) > 0 {
			c.Format.Type = typeByName(c.File[0])
		}
	}
	for i := range d.Corpora {
		c := &d.Corpora[i]
		if c.Format == (corpora.Format{}) && isPairs(d.Format) && len(c.File) > 0 {
			c.Format.Type = typeByName(c.File[0])
		}
	}
}

// typeByName returns the format that a file's name ends in, "" if it implies none.
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

// setTypeByName is typeByName for an embedder: sets in columns, unless the name says otherwise.
func setTypeByName(name string) string {
	if t := typeByName(name); t != "" && t != corpora.TypeTSV {
		return t
	}
	return corpora.TypeSets
}

// spoken returns the format of the lines that the trained model reads and writes. It has no weights, which only
// training reads.
func (d *dataConfig) spoken() corpora.Format {
	f := d.Format
	if len(d.Corpora) > 0 {
		f = d.training()[0].Format
		if i := slices.IndexFunc(d.Corpora, func(c corpusConfig) bool { return len(c.Text) == 0 }); i > 0 {
			f = d.training()[i].Format
		}
	}
	if f.WeightColumn > 0 {
		f.SourceColumn, f.TargetColumn = cmp.Or(f.SourceColumn, 1), cmp.Or(f.TargetColumn, 2)
	}
	f.WeightColumn, f.WeightField = 0, ""
	return f
}
