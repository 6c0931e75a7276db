package setting

import "testing"

type color string

func (c *color) UnmarshalText(text []byte) error { return Unmarshal(c, text, "red", "green", "blue") }

func TestNames(t *testing.T) {
	const want = `"pink": want red, green or blue`
	for _, name := range []color{"red", "green", "blue", ""} {
		text, err := Marshal(name, "red", "green", "blue")
		var back color
		if err != nil || string(text) != string(name) || back.UnmarshalText(text) != nil || back != name {
			t.Errorf("%q became %q and %q: %v", name, text, back, err)
		}
	}
	if _, err := Marshal[color]("pink", "red", "green", "blue"); err == nil || err.Error() != want {
		t.Errorf("error %v: want %s", err, want)
	}
	c := color("red")
	if err := c.UnmarshalText([]byte("pink")); err == nil || err.Error() != want || c != "red" {
		t.Errorf("%q with error %v: want red and %s", c, err, want)
	}
	if err := OneOf[color]("", "red", "green"); err == nil || err.Error() != `"": want red or green` {
		t.Errorf("error %v: want one for an empty name", err)
	}
}

func TestList(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := List(names...); got != want {
			t.Errorf("%q: want %q", got, want)
		}
	}
}
