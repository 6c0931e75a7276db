package noise

import (
	"math/rand/v2"
	"strings"
)

// ocr replaces characters by those that look alike in print, as a machine that reads pages does.
type ocr struct{ all []replacement }

// misreadings returns the confusions of Latin print, with early modern forms such as the long s.
func misreadings() []replacement {
	return parseReplacements(`
rn>m m>rn m>in in>m ni>m nn>m cl>d d>cl li>h h>li ri>n n>ri ii>n ii>u ll>U vv>w w>vv tt>U fi>ﬁ fl>ﬂ l>1
1>l l>I I>l l>i i>l I>1 1>I l>t t>l i>j e>c e>c c>e c>o o>c o>0 0>o O>0 0>O O>Q e>o a>o o>a a>n a>s s>a
e>a s>f s>f s>ſ ſ>f f>s f>t t>f r>t t>r u>n n>u u>ii v>y y>v h>b b>h h>k k>h b>6 g>q q>g g>9 B>8 8>B S>5
5>S Z>2 G>6 D>O E>F F>E P>F R>B H>I-I T>I W>VV C>G M>lVI ,>. .>, .> ,> ;>, :>; '> -> ->_ —>- ">'' _> !>l
?>P`)
}

// Apply implements [Kind]; the rate is the share of the places that a machine may misread.
func (k ocr) Apply(rng *rand.Rand, rate float64, line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		n := 1
		if rng.Float64() < rate {
			if m, ok := pick(rng, k.all, line[i:]); ok && !endsWord(line[i:], m) {
				b.WriteString(m.to)
				i += len(m.from)
				continue
			}
		}
		for i+n < len(line) && line[i+n]&0xC0 == 0x80 { // the rest of the character
			n++
		}
		b.WriteString(line[i : i+n])
		i += n
	}
	return b.String()
}

// pick draws one of the confusions of the text that begins rest.
func pick(rng *rand.Rand, all []replacement, rest string) (replacement, bool) {
	var chosen replacement
	found := 0
	for _, m := range all {
		if strings.HasPrefix(rest, m.from) {
			if found++; rng.IntN(found) == 0 {
				chosen = m
			}
		}
	}
	return chosen, found > 0
}

// endsWord reports whether a long s would end a word, where print has a round one.
func endsWord(rest string, m replacement) bool {
	return m.from == "s" && m.to != "a" && (len(rest) == 1 || rest[1] == ' ' || rest[1] == ',' || rest[1] == '.')
}
