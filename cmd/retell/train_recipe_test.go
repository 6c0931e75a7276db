package main

import (
	"reflect"
	"regexp"
	"testing"
)

// TestRecipes checks that every recipe is a valid run once its files are named.
func TestRecipes(t *testing.T) {
	all, err := recipes()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("there are no recipes")
	}
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			c, err := readRunConfig(kindSeq2Seq, r.name, configFile{}, []string{"output.model=m.retell"}, func(*runConfig) {})
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Data.Train) == 0 && !isPairs(c.Data.Format) && !c.Data.isMade() {
				c.Data.Train, c.Data.Valid = fileList{"train"}, fileList{"valid"}
			}
			if err := c.validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRecipeExplainsKeys checks that the recipe that the others refer to names every setting.
func TestRecipeExplainsKeys(t *testing.T) {
	r, err := findRecipe("multi30k-en-de")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range allKeys(reflect.TypeFor[runConfig](), "") {
		_, name := splitPath(key)
		if !regexp.MustCompile(`\b` + name + `:`).Match(r.yaml) {
			t.Errorf("%s is not explained", key)
		}
	}
}
