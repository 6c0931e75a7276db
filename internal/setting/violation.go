package setting

import (
	"encoding"
	"errors"
	"fmt"
	"strings"
)

// Violation is one invalid setting.
type Violation struct {
	Path    string // keys from the outermost section to the setting, joined by dots, such as model.encoder.layers
	Problem string // the value and the valid range
}

// Error returns the path and the problem.
func (v Violation) Error() string {
	if v.Path == "" {
		return v.Problem
	}
	return v.Path + ": " + v.Problem
}

// Violations lists every invalid setting that a validation found, in its order.
type Violations []Violation

// Error returns one line for each violation.
func (v Violations) Error() string {
	lines := make([]string, len(v))
	for i, one := range v {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns each violation as an error.
func (v Violations) Unwrap() []error {
	errs := make([]error, len(v))
	for i, one := range v {
		errs[i] = one
	}
	return errs
}

// Check collects violations. The zero value has none.
type Check struct{ found Violations }

// Err returns the violations, or nil if there are none.
func (c *Check) Err() error {
	if len(c.found) == 0 {
		return nil
	}
	return c.found
}

// Add reports a problem with the setting at path.
func (c *Check) Add(path, format string, args ...any) {
	c.found = append(c.found, Violation{path, fmt.Sprintf(format, args...)})
}

// Amend appends words to the last violation.
func (c *Check) Amend(words string) { c.found[len(c.found)-1].Problem += words }

// In reports err about the section or setting at path. Violations in err get paths below path. A nil err reports
// nothing.
func (c *Check) In(path string, err error) {
	inner, ok := errors.AsType[Violations](err)
	switch {
	case err == nil:
	case !ok:
		c.Add(path, "%v", err)
	default:
		for _, v := range inner {
			c.found = append(c.found, Violation{join(path, v.Path), v.Problem})
		}
	}
}

func join(section, path string) string {
	if section == "" || path == "" {
		return section + path
	}
	return section + "." + path
}

// Name reports a value outside its type's names. Empty means the default.
func (c *Check) Name(path string, value encoding.TextMarshaler) {
	_, err := value.MarshalText()
	c.In(path, err)
}

// AtLeast reports a number below low.
func (c *Check) AtLeast(path string, value, low int) {
	if value < low {
		c.Add(path, "%d: want %d or more", value, low)
	}
}

// Between reports a number outside low to high.
func (c *Check) Between(path string, value, low, high int) {
	if value < low || value > high {
		c.Add(path, "%d: want %d to %d", value, low, high)
	}
}

// Within reports a number outside low to high.
func (c *Check) Within(path string, value, low, high float64) {
	if !(value >= low && value <= high) {
		c.Add(path, "%v: want %v to %v", value, low, high)
	}
}

// Rate reports a probability outside 0 to below 1.
func (c *Check) Rate(path string, value float64) {
	if !(value >= 0 && value < 1) {
		c.Add(path, "%v: want 0 or more and less than 1", value)
	}
}
