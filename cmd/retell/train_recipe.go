package main

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

//go:embed recipes/*.yaml
var recipeFiles embed.FS

// recipe is a run configuration that comes with the command. Its first line is a comment that says what it does.
type recipe struct {
	name string
	yaml []byte
}

func (r recipe) summary() string {
	line, _, _ := strings.Cut(string(r.yaml), "\n")
	return strings.TrimSpace(strings.TrimPrefix(line, "#"))
}

// recipes returns all recipes, by name.
func recipes() ([]recipe, error) {
	names, err := fs.Glob(recipeFiles, "recipes/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []recipe
	for _, name := range names {
		text, err := recipeFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, recipe{strings.TrimSuffix(path.Base(name), ".yaml"), text})
	}
	slices.SortFunc(all, func(a, b recipe) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// findRecipe returns the recipe of that name.
func findRecipe(name string) (recipe, error) {
	all, err := recipes()
	if err != nil {
		return recipe{}, err
	}
	var names []string
	for _, r := range all {
		if r.name == name {
			return r, nil
		}
		names = append(names, r.name)
	}
	return recipe{}, misusef("recipe %q does not exist: want one of %s", name, strings.Join(names, ", "))
}

func newRecipe() *cobra.Command {
	list := &cobra.Command{
		Use:     "list",
		Short:   "List the recipes",
		Example: "  retell recipe list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := recipes()
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, r := range all {
				fmt.Fprintf(table, "%s\t%s\n", r.name, r.summary())
			}
			return table.Flush()
		},
	}
	show := &cobra.Command{
		Use:   "show NAME",
		Short: "Print a recipe as YAML",
		Example: `  retell recipe show sigmorphon
  retell recipe show multi30k-en-de > mine.yaml`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRecipes,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := findRecipe(args[0])
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(r.yaml)
			return err
		},
	}
	return group("recipe", "List and print ready-made configurations", list, show)
}

// completeRecipes offers the names of recipes to the shell.
func completeRecipes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, err := recipes()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, r := range all {
		names = append(names, cobra.CompletionWithDesc(r.name, r.summary()))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
