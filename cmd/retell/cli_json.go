package main

// jsonVersion is the version of all JSON that the command writes; docs/json.md describes it. A change that a reader
// notices, other than a key that is added, makes the next version.
const jsonVersion = 1

// versioned is the version of an object that is a document of its own. Objects that are lines among others have none:
// theirs is that of the program, which version --json says.
type versioned struct {
	Schema int `json:"schema"` // version of the form of all JSON that this program writes, at present 1
}

// version1 is what documents of this version end with.
func version1() versioned { return versioned{jsonVersion} }

// badLine answers a line that cannot be answered.
type badLine struct {
	Line  int    `json:"line"`  // number of the line, from 1
	Error string `json:"error"` // reason, in words
}

const jsonTopic = `Verbs with --json write JSON to standard output in place of text. It has one of three forms:

  a document    one object, whose key "schema" is the version of its form
  lines         an object a line (JSON Lines), each complete as it is written
  an array      'retell keys --json'

docs/json.md lists every key with its type, unit and range, and an example of every output.

All JSON of a program has one version: "schema" of 'retell version --json', which holds for lines too. A version keeps its keys, their
types, units and places. New keys may appear at any time: readers pass over keys that they do not know.

Numbers that are not finite are null. Log-probabilities, losses and entropies are in nats; shares and probabilities go from 0 to 1.
A verb that answers lines writes {"line": NUMBER, "error": TEXT} for a line that it cannot answer.

Files have JSON Lines too: --log of trainings, results.jsonl of 'retell ablate', .jsonl of 'retell embed' and 'retell corpus make'.`
