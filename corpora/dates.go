package corpora

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// numericForms returns the forms with the same meaning in both languages: year, month, day or day, month, year.
func numericForms() []string {
	return []string{
		"%d/%m/%Y", "%D/%M/%Y", "%d.%m.%Y", "%D.%M.%Y", "%d-%m-%Y", "%D-%M-%Y",
		"%Y-%M-%D", "%Y/%M/%D", "%Y.%M.%D", "%Y/%m/%d",
	}
}

// calendar writes the dates of one language. [calendar.write] explains the forms. Ignoring case, no form has another
// meaning in the other language.
type calendar struct {
	forms       []string
	months      [12]string
	monthsShort [12]string
	days        [7]string // from Sunday
	daysShort   [7]string
	ordinal     func(day int) string
}

func englishCalendar() *calendar {
	return &calendar{
		forms: []string{
			"%B %d, %Y", "%B %d %Y", "%B %o, %Y", "%d %B %Y", "%o %B %Y", "%o of %B %Y", "%o of %B, %Y", "the %o of %B, %Y",
			"%b %d, %Y", "%p %d, %Y", "%b %o, %Y", "%d %b %Y", "%d-%b-%Y", "%Y %B %d",
			"%A, %B %d, %Y", "%A, %d %B %Y", "%A %o %B %Y", "%A the %o of %B %Y", "%a, %d %b %Y", "%a %b %d %Y",
		},
		months: [12]string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		monthsShort: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		days:        [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		daysShort:   [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		ordinal: func(day int) string {
			suffix := "th"
			if day/10 != 1 {
				switch day % 10 {
				case 1:
					suffix = "st"
				case 2:
					suffix = "nd"
				case 3:
					suffix = "rd"
				}
			}
			return strconv.Itoa(day) + suffix
		},
	}
}

func spanishCalendar() *calendar {
	return &calendar{
		forms: []string{
			"%d de %B de %Y", "%d de %B del %Y", "%o de %B de %Y", "el %d de %B de %Y", "%d %B %Y", "%d de %B, %Y",
			"%d de %b de %Y", "%d %b %Y", "%d %p %Y", "%d-%b-%Y", "%d/%b/%Y", "%B %d, %Y",
			"%A, %d de %B de %Y", "%A %d de %B de %Y", "el %A %d de %B de %Y", "%A %o de %B de %Y", "%a, %d %b %Y", "%a %d %b %Y",
		},
		months: [12]string{
			"enero", "febrero", "marzo", "abril", "mayo", "junio",
			"julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
		},
		monthsShort: [12]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"},
		days:        [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		daysShort:   [7]string{"dom", "lun", "mar", "mié", "jue", "vie", "sáb"},
		ordinal: func(day int) string { // only the first of a month is ordinal
			if day == 1 {
				return "1.º"
			}
			return strconv.Itoa(day)
		},
	}
}

// dates draws a day, a form and a case. Of five forms, two are English, two Spanish and one is numeric. Of ten dates,
// six have the usual case of the language, two have capitalized names, one is all lower case and one all upper case.
func dates() drawer {
	const days = 200*365 + 49 // 49 leap days: 1904 to 2096
	first := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	en, es, numeric := englishCalendar(), spanishCalendar(), numericForms()
	return func(r *rand.Rand) Example {
		day := first.AddDate(0, 0, r.IntN(days))
		language, forms := en, en.forms
		switch r.IntN(5) {
		case 0, 1:
		case 2, 3:
			language, forms = es, es.forms
		default:
			forms = numeric
		}
		form := forms[r.IntN(len(forms))]
		style := r.IntN(10)
		source := language.write(day, form, style == 2 || style == 3)
		switch style {
		case 0:
			source = strings.ToLower(source)
		case 1:
			source = strings.ToUpper(source)
		}
		return Example{Source: source, Targets: []string{day.Format(time.DateOnly)}}
	}
}

// write returns day in a form; title capitalizes names. In a form, % and a letter mean:
//
//	%d day         %D day, two digits     %o day as an ordinal
//	%m month       %M month, two digits   %B month's name       %b abbreviated    %p abbreviated, with a full stop
//	%Y year                               %A weekday's name     %a abbreviated
func (c *calendar) write(day time.Time, form string, title bool) string {
	var b strings.Builder
	name := func(s string) {
		if title {
			first, size := utf8.DecodeRuneInString(s)
			b.WriteRune(unicode.ToUpper(first))
			s = s[size:]
		}
		b.WriteString(s)
	}
	for i := 0; i < len(form); i++ {
		if form[i] != '%' {
			b.WriteByte(form[i])
			continue
		}
		i++
		month := day.Month() - time.January
		switch form[i] {
		case 'd':
			b.WriteString(strconv.Itoa(day.Day()))
		case 'D':
			b.WriteString(day.Format("02"))
		case 'o':
			b.WriteString(c.ordinal(day.Day()))
		case 'm':
			b.WriteString(strconv.Itoa(int(day.Month())))
		case 'M':
			b.WriteString(day.Format("01"))
		case 'B':
			name(c.months[month])
		case 'b':
			name(c.monthsShort[month])
		case 'p':
			name(c.monthsShort[month])
			if c.monthsShort[month] != c.months[month] { // May is not abbreviated
				b.WriteByte('.')
			}
		case 'Y':
			b.WriteString(strconv.Itoa(day.Year()))
		case 'A':
			name(c.days[day.Weekday()])
		case 'a':
			name(c.daysShort[day.Weekday()])
		}
	}
	return b.String()
}
