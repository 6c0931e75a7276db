package corpora

import (
	"math/rand/v2"
	"strings"
)

// numbers draws numbers from 0 to 999,999,999; all lengths of 1 to 9 digits are equally likely.
func numbers(source, target func(int) string) drawer {
	return func(r *rand.Rand) Example {
		low, high := 0, 10
		for range r.IntN(9) {
			low, high = high, 10*high
		}
		n := low + r.IntN(high-low)
		return Example{Source: source(n), Targets: []string{target(n)}}
	}
}

// english returns the words of n, 0 to 999,999,999, without "and": three hundred twenty-one thousand five.
func english(n int) string {
	if n == 0 {
		return "zero"
	}
	var words []string
	if millions := n / 1_000_000; millions > 0 {
		words = append(words, englishBelow1000(millions)...)
		words = append(words, "million")
	}
	if thousands := n / 1000 % 1000; thousands > 0 {
		words = append(words, englishBelow1000(thousands)...)
		words = append(words, "thousand")
	}
	return strings.Join(append(words, englishBelow1000(n%1000)...), " ")
}

// englishBelow1000 returns the words of n, 0 to 999; none for 0.
func englishBelow1000(n int) []string {
	small := [...]string{
		"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
		"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
	}
	tens := [...]string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
	var words []string
	if n >= 100 {
		words = append(words, small[n/100], "hundred")
		n %= 100
	}
	switch {
	case n == 0:
	case n < 20:
		words = append(words, small[n])
	case n%10 == 0:
		words = append(words, tens[n/10])
	default:
		words = append(words, tens[n/10]+"-"+small[n%10])
	}
	return words
}

// spanish returns the words of n, 0 to 999,999,999, as in counting (masculine): veintiún mil quinientos uno.
func spanish(n int) string {
	if n == 0 {
		return "cero"
	}
	var words []string
	switch millions := n / 1_000_000; {
	case millions == 1:
		words = append(words, "un", "millón")
	case millions > 1:
		words = append(words, spanishBelow1000(millions, true)...)
		words = append(words, "millones")
	}
	switch thousands := n / 1000 % 1000; {
	case thousands == 1:
		words = append(words, "mil")
	case thousands > 1:
		words = append(words, spanishBelow1000(thousands, true)...)
		words = append(words, "mil")
	}
	return strings.Join(append(words, spanishBelow1000(n%1000, false)...), " ")
}

// spanishBelow1000 returns the words of n, 0 to 999; none for 0. short shortens a final uno, as required before mil and
// millones: un, veintiún.
func spanishBelow1000(n int, short bool) []string {
	small := [...]string{
		"", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece", "catorce",
		"quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidós", "veintitrés",
		"veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve",
	}
	if short {
		small[1], small[21] = "un", "veintiún"
	}
	tens := [...]string{"", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"}
	hundreds := [...]string{
		"", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos", "ochocientos", "novecientos",
	}
	if n == 100 {
		return []string{"cien"}
	}
	var words []string
	if n >= 100 {
		words = append(words, hundreds[n/100])
		n %= 100
	}
	switch {
	case n == 0:
	case n < 30:
		words = append(words, small[n])
	case n%10 == 0:
		words = append(words, tens[n/10])
	default:
		words = append(words, tens[n/10], "y", small[n%10])
	}
	return words
}
