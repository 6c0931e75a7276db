package embedder

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"strings"

	"github.com/pgvector/pgvector-go"
)

// insert adds texts and their vectors to a table of PostgreSQL with the extension pgvector:
//
//	CREATE TABLE scenes (text text, vector vector(64))
func insert(ctx context.Context, db *sql.DB, texts []string, vectors [][]float32) error {
	for i, text := range texts {
		if _, err := db.ExecContext(ctx, "INSERT INTO scenes VALUES ($1, $2)", text, pgvector.NewVector(vectors[i])); err != nil {
			return err
		}
	}
	return nil
}

// nearest returns the text whose vector is nearest to a query's by cosine.
func nearest(ctx context.Context, db *sql.DB, query []float32) (text string, err error) {
	row := db.QueryRowContext(ctx, "SELECT text FROM scenes ORDER BY vector <=> $1 LIMIT 1", pgvector.NewVector(query))
	return text, row.Scan(&text)
}

// A vector of an Embedder is an argument of an SQL statement; insert and nearest show the statements.
func Example_pgvector() {
	_, _ = insert, nearest // they need a database
	embedder, lines := scenes()
	vector, err := embedder.EmbedQuery(context.Background(), lines[7])
	if err != nil {
		log.Fatal(err)
	}
	value, err := pgvector.NewVector(vector).Value()
	if err != nil {
		log.Fatal(err)
	}
	text := value.(string)
	fmt.Println(strings.Count(text, ",")+1, "numbers between", text[:1], "and", text[len(text)-1:])
	// Output: 64 numbers between [ and ]
}
