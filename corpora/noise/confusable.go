package noise

import "strings"

// confusables returns sets of English words that writers take for each other.
func confusables() []string {
	return strings.Split(`their there they're, your you're, its it's, to too two, then than, were where we're, of off, who's whose,
lose loose, affect effect, accept except, advice advise, quiet quite quit, were was, is are, has have,
he she, this these, a an, an and, the they, then them, there the, form from, now know no, new knew,
hear here, right write, wright right, by buy bye, for four, one won, our are, hour our, son sun, sea see,
wait weight, weather whether, which witch, would wood, week weak, peace piece, plain plane,
principal principle, past passed, led lead, brake break, bare bear, board bored, cloths clothes,
choose chose, coarse course, complement compliment, council counsel, desert dessert, device devise,
die dye, dual duel, fair fare, farther further, find fined, formally formerly, hole whole, knight night,
later latter, lay lie, lessen lesson, maybe may, meat meet, moral morale, pair pear, patience patients,
personal personnel, practice practise, presence presents, price prize, quiet quite, rain reign,
raise rise, road rode, role roll, sail sale, scene seen, sight site cite, some sum, stationary stationery,
steal steel, straight strait, tail tale, thorough through, though thought, threw through, throne thrown,
tide tied, toe tow, waist waste, ware wear, wander wonder, went want, when went, with whit, women woman,
men man, as has, as is, if it, in on, is his, it is, of or, on one, or our, his he's, could can,
could cold, did do, does dose, every very, ever every, feel fell, fell fill, felt left, live life,
lives leaves, leave live, most must, need needs, other over, any many, say said, see saw, since sense,
shall should, that than, think thing, thing things, think thinks, try tree, use used, want wont,
won't want, well will, went when, what that, while wile, wile will, year years, alot a, all ready,
already all, altogether together, anyone any, allways always, beside besides, breath breathe, bath bathe,
cloth clothe, collage college, costume custom, country county, decent descent, definite defiant,
definitely defiantly, diary dairy, envelop envelope, expand expend, experience experiment, former farmer,
heard herd, human humane, idea ideal, interested interesting, bored boring, excited exciting,
tired tiring, loss lost, made mad, message massage, minute minuet, of have, planed planned, poor pour,
quarter quarts, recent resent, respectfully respectively, sometime sometimes, soul sole, story storey,
then when, tour tower, vary very, wold would, work walk, world word, worse worst, your our, yours your,
hers her, into in`, ",")
}

// endings returns endings of English words and those that writers take for them.
func endings() []replacement {
	return parseReplacements(`
able>ible ible>able ably>ibly ibly>ably ance>ence ence>ance ant>ent ent>ant ancy>ency ency>ancy er>or
or>er ar>er er>ar tion>sion sion>tion ssion>sion cian>tion ful>full fully>fuly ally>aly ally>ly ely>ly
ly>ley lly>ly ily>ly ies>ys ies>ies' ied>yed ying>iing ing>eing ing>ng ing>in ed>d ed>t ed> s> s>'s es>s
y>ie ious>ous eous>ious ous>us ary>ery ery>ary ory>ary al>le el>le le>el le>al ment>mant ness>nes
less>les ture>cher ity>aty ity>ety ate>it ite>ate age>ege ive>ave n't>nt 's>s n't>n ght>gth gth>ght
ise>ice ice>ise que>ck ic>ick e>`)
}
