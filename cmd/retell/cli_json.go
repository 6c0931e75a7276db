package main

// jsonVersion is the version of the command's JSON output, which docs/json.md describes. Any change but an added key
// makes the next version.
const jsonVersion = 1

// versioned holds the version of an object that is a whole document. Objects that are lines carry none; version --json
// reports theirs.
type versioned struct {
	Schema int `json:"schema"` // version of this program's JSON output, at present 1
}

// version1 returns the version for a document.
func version1() versioned { return versioned{jsonVersion} }

// badLine takes the place of the answer to a line that cannot be read or answered.
type badLine struct {
	Line  int    `json:"line"`  // number of the line, from 1
	Error string `json:"error"` // reason, in words
}

const jsonTopic = `With --json, a verb writes JSON to standard output instead of text, in one of three forms:

  document    one object; its key "schema" is the version
  lines       one object a line (JSON Lines)
  array       one array of objects: 'retell keys --json'

docs/json.md lists every key with its type, unit and range, and shows an example of every output.

One version covers all JSON of a program, lines included: the key "schema" of 'retell version --json'. Within a
version no key changes its name, type, unit or place. New keys may appear, so a reader should ignore unknown keys.

Numbers that are not finite are null. Log-probabilities, losses and entropies are in nats; shares and probabilities
range from 0 to 1. A line that cannot be answered becomes {"line": NUMBER, "error": TEXT}.

Some files are JSON Lines too: logs of trainings (--log), results.jsonl of 'retell ablate', and the .jsonl files of
'retell embed', 'retell corpus make' and 'retell corpus split'.`
