package quote_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/retell-rnn/retell/internal/quote"
)

func ExampleText() {
	fmt.Println(quote.Text("a\tb\xff"))
	fmt.Println(quote.Text(strings.Repeat("long ", 20)))
	// Output:
	// "a\tb\xff"
	// "long long long long long long long long long long long long "…
}

func ExampleJSON() {
	var v struct {
		Text string `json:"text"`
	}
	err := json.Unmarshal([]byte(`{"text": 3}`), &v)
	fmt.Println(quote.JSON(err))
	// Output: "text" is a JSON number: want a string
}
