package corpora

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTasks(t *testing.T) {
	for _, name := range Tasks() {
		t.Run(name, func(t *testing.T) {
			const n = 5000
			all, err := Collect(Task(name, 1, n))
			if err != nil || len(all) != n {
				t.Fatalf("%d examples, %v", len(all), err)
			}
			seen := make(map[string]bool)
			for _, e := range all {
				if seen[e.Source] || len(e.Targets) != 1 {
					t.Fatalf("%+v: want a new source and one target", e)
				}
				seen[e.Source] = true
				if err := checkSides(e); err != nil {
					t.Fatal(e, err)
				}
			}
			if again, _ := Collect(Task(name, 1, n/2)); !cmp.Equal(again, all[:n/2]) {
				t.Error("the first examples depend on how many are asked for")
			}
			if other, _ := Collect(Task(name, 2, n)); cmp.Equal(other[0], all[0]) && cmp.Equal(other[1], all[1]) {
				t.Error("another seed gives the same examples")
			}
		})
	}
}

func TestDigitTasks(t *testing.T) {
	for name, want := range map[string]func([]string){
		TaskCopy:    func([]string) {},
		TaskReverse: slices.Reverse[[]string],
		TaskSort:    slices.Sort[[]string],
	} {
		lengths := make(map[int]int)
		for e, err := range Task(name, 7, 5000) {
			if err != nil {
				t.Fatal(err)
			}
			tokens := strings.Split(e.Source, " ")
			lengths[len(tokens)]++
			for _, token := range tokens {
				if len(token) != 1 || token < "0" || token > "9" {
					t.Fatalf("%s: source %q: want digits separated by spaces", name, e.Source)
				}
			}
			if want(tokens); e.Targets[0] != strings.Join(tokens, " ") {
				t.Fatalf("%s: %q -> %q", name, e.Source, e.Targets[0])
			}
		}
		for length := 4; length <= 10; length++ {
			if n := lengths[length]; n < 450 || n > 900 {
				t.Errorf("%s: %d of 5000 sources have %d digits: want lengths that are alike", name, n, length)
			}
		}
		if len(lengths) != 10 || lengths[1] != 10 {
			t.Errorf("%s: lengths are %v: want 1 to 10, and all ten sources of length 1", name, lengths)
		}
	}
}

func TestTaskExhausted(t *testing.T) {
	stream := distinct("copy", 1, 11, digits(1, func([]byte) {}))
	all, err := Collect(stream)
	if want := "corpora: task copy has only 10 distinct sources: want 11"; err == nil || err.Error() != want || len(all) != 10 {
		t.Errorf("%d examples, %v, want %s", len(all), err, want)
	}
}

func TestTaskErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		n    int
		want string
	}{
		{"copies", 1, `corpora: task is "copies": want one of copy, reverse, sort, dates, numbers, numbers-en-es, scenes`},
		{"copy", -1, "corpora: task copy: number of examples is -1: want 0 or more"},
	} {
		if err := errorOf(t, Task(test.name, 1, test.n)); err == nil || err.Error() != test.want {
			t.Errorf("error is %v, want %s", err, test.want)
		}
	}
	if _, err := TaskSplit("copy", 1, 2, -1); err == nil || err.Error() != "corpora: task copy: size of a part is -1: want 0 or more" {
		t.Errorf("split: error is %v", err)
	}
	if _, err := TaskSplit("copies", 1, 2); err == nil {
		t.Error("split of an unknown task: no error")
	}
}

func TestTaskSplit(t *testing.T) {
	parts, err := TaskSplit(TaskSort, 3, 100, 0, 20)
	if err != nil || len(parts) != 3 || len(parts[0]) != 100 || len(parts[1]) != 0 || len(parts[2]) != 20 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	all, _ := Collect(Task(TaskSort, 3, 120))
	if !cmp.Equal(all, slices.Concat(parts...)) {
		t.Error("the parts together are not the task")
	}
	_ = append(parts[0], Example{Source: "x"})
	if parts[2][0].Source == "x" {
		t.Error("appending to one part overwrites another")
	}
}

// TestTasksGolden pins the tasks, so that runs with the same seed stay comparable in later versions.
func TestTasksGolden(t *testing.T) {
	for name, want := range map[string][]string{
		TaskCopy: {
			"8 3 9 7 9 9 1 8 3 1 = 8 3 9 7 9 9 1 8 3 1",
			"1 = 1",
			"4 7 6 0 5 8 = 4 7 6 0 5 8",
		},
		TaskReverse: {
			"5 8 2 3 5 4 9 5 4 9 = 9 4 5 9 4 5 3 2 8 5",
			"6 0 = 0 6",
			"8 4 3 7 = 7 3 4 8",
		},
		TaskSort: {
			"7 8 7 8 0 8 3 8 2 9 = 0 2 3 7 7 8 8 8 8 9",
			"6 2 8 0 5 8 = 0 2 5 6 8 8",
			"2 6 9 4 3 1 8 6 = 1 2 3 4 6 6 8 9",
		},
		TaskDates: {
			"11-03-2001 = 2001-03-11",
			"the 13th of october, 1905 = 1905-10-13",
			"28 de noviembre, 2005 = 2005-11-28",
			"23.08.1966 = 1966-08-23",
			"mar, 3 sep 2069 = 2069-09-03",
			"10 abril 2031 = 2031-04-10",
			"Sun, 18 Aug 1957 = 1957-08-18",
			"02.11.2053 = 2053-11-02",
		},
		TaskNumbers: {
			"novecientos veintisiete mil quinientos veintiocho = nine hundred twenty-seven thousand five hundred twenty-eight",
			"nueve millones ciento sesenta y seis mil quinientos sesenta y siete = nine million one hundred sixty-six thousand five hundred sixty-seven",
			"doscientos ochenta y cinco = two hundred eighty-five",
		},
		TaskNumbersEnEs: {
			"forty-six million five hundred sixty-six thousand six hundred one = cuarenta y seis millones quinientos sesenta y seis mil seiscientos uno",
			"seventy-eight = setenta y ocho",
			"six hundred fifty-seven = seiscientos cincuenta y siete",
		},
		TaskScenes: {
			"a man hears the mouse in the kitchen today = a man hears the mouse in the kitchen today",
			"a brown mouse finds a sheep on a bridge = a brown mouse finds a sheep on a bridge",
			"a woman hears some horses near the river = a woman hears some horses near the river",
		},
	} {
		all, err := Collect(Task(name, 1, len(want)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range all {
			got = append(got, e.Source+" = "+e.Targets[0])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestDateForms(t *testing.T) {
	day := time.Date(1987, 3, 5, 0, 0, 0, 0, time.UTC)
	first := time.Date(2000, 5, 1, 0, 0, 0, 0, time.UTC)
	en, es := englishCalendar(), spanishCalendar()
	for _, test := range []struct {
		calendar *calendar
		day      time.Time
		form     string
		title    bool
		want     string
	}{
		{en, day, "%B %o, %Y", false, "March 5th, 1987"},
		{en, day, "%A the %o of %B %Y", false, "Thursday the 5th of March 1987"},
		{en, day, "%a, %d %b %Y", false, "Thu, 5 Mar 1987"},
		{en, day, "%p %d, %Y", false, "Mar. 5, 1987"},
		{en, first, "%p %d, %Y", false, "May 1, 2000"},
		{en, day, "%Y-%M-%D", false, "1987-03-05"},
		{es, day, "%d de %B de %Y", false, "5 de marzo de 1987"},
		{es, day, "el %A %d de %B de %Y", true, "el Jueves 5 de Marzo de 1987"},
		{es, first, "%a %o de %B de %Y", false, "lun 1.º de mayo de 2000"},
		{es, day, "%d %p %Y", false, "5 mar. 1987"},
		{es, first, "%d %p %Y", false, "1 may. 2000"},
		{es, day, "%d/%m/%Y", false, "5/3/1987"},
		{es, day, "%D.%M.%Y", false, "05.03.1987"},
	} {
		if got := test.calendar.write(test.day, test.form, test.title); got != test.want {
			t.Errorf("%s: %q, want %q", test.form, got, test.want)
		}
	}
	for day, want := range map[int]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 20: "20th", 21: "21st", 22: "22nd", 23: "23rd", 30: "30th", 31: "31st"} {
		if got := en.ordinal(day); got != want {
			t.Errorf("ordinal of %d is %s, want %s", day, got, want)
		}
	}
}

// TestDatesHaveOneReading writes many days in every form of both languages and holds that texts that are equal but for
// case mean the same day.
func TestDatesHaveOneReading(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	days := map[time.Time]bool{}
	for month := range 12 { // all days of one year, to find ambiguous forms, and days of all years
		for day := range 31 {
			days[time.Date(2004, time.Month(1+month), 1+day, 0, 0, 0, 0, time.UTC)] = true
		}
	}
	for range 1000 {
		days[time.Date(1900+r.IntN(200), 1, 1+r.IntN(365), 0, 0, 0, 0, time.UTC)] = true
	}
	readings := make(map[string]time.Time)
	for _, c := range []*calendar{englishCalendar(), spanishCalendar()} {
		for _, form := range slices.Concat(c.forms, numericForms()) {
			for day := range days {
				written := strings.ToLower(c.write(day, form, false))
				if other, ok := readings[written]; ok && other != day {
					t.Fatalf("%q is %v and %v", written, day, other)
				}
				readings[written] = day
			}
		}
	}
}

func TestDatesCover(t *testing.T) {
	years, upper, weekdays := map[string]bool{}, 0, 0
	low, high := "9", "0"
	const n = 20_000
	for e, err := range Task(TaskDates, 5, n) {
		if err != nil {
			t.Fatal(err)
		}
		iso := e.Targets[0]
		if _, err := time.Parse(time.DateOnly, iso); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(e.Source, iso[:4]) {
			t.Fatalf("%q -> %q: want the year in it", e.Source, iso)
		}
		years[iso[:4]] = true
		low, high = min(low, iso), max(high, iso)
		if e.Source == strings.ToUpper(e.Source) && e.Source != strings.ToLower(e.Source) {
			upper++
		}
		lower := strings.ToLower(e.Source)
		for i := range 7 {
			if strings.Contains(lower, strings.ToLower(englishCalendar().days[i])) || strings.Contains(lower, spanishCalendar().days[i]) {
				weekdays++
			}
		}
	}
	if len(years) != 200 || low[:4] != "1900" || high[:4] != "2099" {
		t.Errorf("%d years from %s to %s: want 200 from 1900 to 2099", len(years), low, high)
	}
	if upper < n/20 || weekdays < n/20 {
		t.Errorf("%d in upper case, %d with a weekday: want both sometimes", upper, weekdays)
	}
	first, days := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), 0
	for day := first; day.Year() < 2100; day = day.AddDate(0, 0, 1) {
		days++
	}
	if days != 200*365+49 {
		t.Errorf("%d days, and the task draws from %d", days, 200*365+49)
	}
}

// TestNumberWords compares with known answers: Real Academia Española, Ortografía de la lengua española, 2010, on
// cardinals. The English words have no "and".
func TestNumberWords(t *testing.T) {
	for _, test := range []struct {
		n      int
		es, en string
	}{
		{0, "cero", "zero"},
		{1, "uno", "one"},
		{10, "diez", "ten"},
		{15, "quince", "fifteen"},
		{16, "dieciséis", "sixteen"},
		{20, "veinte", "twenty"},
		{21, "veintiuno", "twenty-one"},
		{22, "veintidós", "twenty-two"},
		{23, "veintitrés", "twenty-three"},
		{26, "veintiséis", "twenty-six"},
		{29, "veintinueve", "twenty-nine"},
		{30, "treinta", "thirty"},
		{31, "treinta y uno", "thirty-one"},
		{40, "cuarenta", "forty"},
		{99, "noventa y nueve", "ninety-nine"},
		{100, "cien", "one hundred"},
		{101, "ciento uno", "one hundred one"},
		{116, "ciento dieciséis", "one hundred sixteen"},
		{200, "doscientos", "two hundred"},
		{500, "quinientos", "five hundred"},
		{700, "setecientos", "seven hundred"},
		{900, "novecientos", "nine hundred"},
		{999, "novecientos noventa y nueve", "nine hundred ninety-nine"},
		{1000, "mil", "one thousand"},
		{1001, "mil uno", "one thousand one"},
		{1100, "mil cien", "one thousand one hundred"},
		{2000, "dos mil", "two thousand"},
		{2021, "dos mil veintiuno", "two thousand twenty-one"},
		{21_000, "veintiún mil", "twenty-one thousand"},
		{31_000, "treinta y un mil", "thirty-one thousand"},
		{31_031, "treinta y un mil treinta y uno", "thirty-one thousand thirty-one"},
		{100_000, "cien mil", "one hundred thousand"},
		{101_000, "ciento un mil", "one hundred one thousand"},
		{121_000, "ciento veintiún mil", "one hundred twenty-one thousand"},
		{500_500, "quinientos mil quinientos", "five hundred thousand five hundred"},
		{1_000_000, "un millón", "one million"},
		{1_000_001, "un millón uno", "one million one"},
		{1_001_000, "un millón mil", "one million one thousand"},
		{2_000_000, "dos millones", "two million"},
		{21_000_000, "veintiún millones", "twenty-one million"},
		{100_000_000, "cien millones", "one hundred million"},
		{
			123_456_789, "ciento veintitrés millones cuatrocientos cincuenta y seis mil setecientos ochenta y nueve",
			"one hundred twenty-three million four hundred fifty-six thousand seven hundred eighty-nine",
		},
		{
			721_001_521, "setecientos veintiún millones mil quinientos veintiuno",
			"seven hundred twenty-one million one thousand five hundred twenty-one",
		},
		{
			999_999_999, "novecientos noventa y nueve millones novecientos noventa y nueve mil novecientos noventa y nueve",
			"nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine",
		},
	} {
		if got := spanish(test.n); got != test.es {
			t.Errorf("%d is %q, want %q", test.n, got, test.es)
		}
		if got := english(test.n); got != test.en {
			t.Errorf("%d is %q, want %q", test.n, got, test.en)
		}
	}
}

// TestNumberWordsAreDistinct checks every number below 100,000, and every combination of the three-digit groups of
// larger numbers.
func TestNumberWordsAreDistinct(t *testing.T) {
	var all []int
	for n := range 100_000 {
		all = append(all, n)
	}
	groups := []int{0, 1, 2, 10, 16, 20, 21, 22, 30, 31, 99, 100, 101, 121, 131, 200, 500, 521, 999}
	for _, millions := range groups {
		for _, thousands := range groups {
			for _, ones := range groups {
				all = append(all, millions*1_000_000+thousands*1000+ones)
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for name, words := range map[string]func(int) string{"spanish": spanish, "english": english} {
		seen := make(map[string]int, len(all))
		for _, n := range all {
			w := words(n)
			if other, ok := seen[w]; ok {
				t.Fatalf("%s: %q is %d and %d", name, w, other, n)
			}
			seen[w] = n
		}
	}
}

func TestNumbersTask(t *testing.T) {
	counts := make(map[int]int) // of digits
	draw := numbers(strconv.Itoa, strconv.Itoa)
	r := rand.New(rand.NewPCG(1, 1))
	for range 9000 {
		counts[len(draw(r).Source)]++
	}
	for size := 1; size <= 9; size++ {
		if n := counts[size]; n < 850 || n > 1150 {
			t.Errorf("%d of 9000 numbers have %d digits: want about 1000", n, size)
		}
	}
	there, _ := Collect(Task(TaskNumbers, 1, 100))
	for _, e := range there {
		if !strings.ContainsAny(e.Source, "aeiou") || strings.Contains(e.Source, "hundred") || strings.Contains(e.Targets[0], "mil ") {
			t.Fatalf("numbers: %+v: want Spanish to English", e)
		}
	}
	back, _ := Collect(Task(TaskNumbersEnEs, 1, 100))
	for _, e := range back {
		if strings.Contains(e.Source, "mil ") || strings.Contains(e.Targets[0], "hundred") {
			t.Fatalf("numbers-en-es: %+v: want English to Spanish", e)
		}
	}
}
