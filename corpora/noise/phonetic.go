package noise

import (
	"math/rand/v2"
	"strings"
)

// phonetic spells English words as they sound.
type phonetic struct{ rules []replacement }

// sounds returns spellings and others of the same or a similar sound. ^ is the beginning of a word and $ its end.
func sounds() []replacement {
	return parseReplacements(`
ph>f f>ph ough$>uff ough>o ough>ow augh>af igh>i ight$>ite eigh>ay tion>shun tion>sion sion>tion
cious>shus tious>cious cial>tial tial>cial ck>k ck>c k$>ck c>k k>c ce>se se$>ce ci>si cy>sy sc>s ^kn>n
^wr>r ^wh>w ^w>wh ^ps>s mb$>m mn$>m gn>n dge>ge ge$>dge tch>ch ch$>tch qu>kw x>cks cc>x z>s s>z g>j j>g
gu>g ie>ei ei>ie ea>ee ee>ea ea>e ee>e ie>e ai>a ai>ei ay>ai ey$>y y$>ey y$>ie i>y y>i ow>ou ou>ow ow$>o
o$>ow oa>o oo>u oo>ou u>oo ew>oo au>o aw>or au>aw ou>u ous$>us ue$>oo er>ur ur>er ir>er er$>or or$>er
ar$>er our>or re$>er ure$>er le$>el le$>al al$>le el$>le il$>le a>e e>a a>o o>a i>e e>i u>o o>u e$> d$>t
ed$>d ed$>t t>d th>f v>f rh>r h> ll>l ss>s mm>m tt>t pp>p nn>n rr>r ff>f cc>c l>ll s>ss m>mm t>tt n>nn
r>rr p>pp ing$>in ar>a or>o d> u>`)
}

// Apply implements [Kind]; the rate is the share of words. A third of the changed words changes in two places.
func (k phonetic) Apply(rng *rand.Rand, rate float64, line string) string {
	return mapCores(line, func(core string) string {
		if len(core) < 3 || rng.Float64() >= rate {
			return core
		}
		core = respell(rng, k.rules, core)
		if rng.IntN(3) == 0 {
			core = respell(rng, k.rules, core)
		}
		return core
	})
}

// respell applies one of the rules that a word obeys at one of its places. No rule doubles the first letter.
func respell(rng *rand.Rand, rules []replacement, core string) string {
	marked := "^" + core + "$"
	chosen, found := "", 0
	for _, r := range rules {
		from := strings.Trim(r.from, "^$")
		before, after := strings.HasPrefix(r.from, "^"), strings.HasSuffix(r.from, "$")
		for at := 1; at+len(from) < len(marked); at++ {
			end := at + len(from)
			doubled := at == 1 && r.to == from+from
			if marked[at:end] != from || doubled || before && at != 1 || after && end != len(marked)-1 {
				continue
			}
			if found++; rng.IntN(found) == 0 {
				chosen = core[:at-1] + r.to + core[end-1:]
			}
		}
	}
	if found == 0 || chosen == "" {
		return core
	}
	return chosen
}
