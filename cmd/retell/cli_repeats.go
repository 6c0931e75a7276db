package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/retell-rnn/retell/internal/quote"
)

// refuseRepeats makes it an error to give a flag with one value twice, in every verb of the tree. Flags that collect
// values may be repeated.
func refuseRepeats(cmd *cobra.Command) {
	once := func(f *pflag.Flag) {
		_, collects := f.Value.(pflag.SliceValue)
		_, wrapped := f.Value.(*onceValue)
		if !collects && !wrapped {
			f.Value = &onceValue{Value: f.Value}
		}
	}
	cmd.PersistentFlags().VisitAll(once)
	cmd.Flags().VisitAll(once)
	for _, sub := range cmd.Commands() {
		refuseRepeats(sub)
	}
}

// onceValue is the value of a flag that may be given once. A switch may be repeated with the same value.
type onceValue struct {
	pflag.Value
	set bool
}

func (v *onceValue) Set(text string) error {
	before := v.String()
	if err := v.Value.Set(text); err != nil {
		return err
	}
	again := v.set
	v.set = true
	switch {
	case !again || v.Type() == "bool" && v.String() == before:
		return nil
	case v.Type() == "bool":
		return errors.New("given twice: want it once")
	}
	return fmt.Errorf("given twice, %s before: want it once", quote.Text(before))
}
