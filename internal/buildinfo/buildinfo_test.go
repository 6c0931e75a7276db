package buildinfo

import (
	"runtime/debug"
	"testing"
)

func TestDescribe(t *testing.T) {
	main := &debug.BuildInfo{
		GoVersion: "go1.26.1", Main: debug.Module{Path: Module, Version: "v0.1.0"},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2030-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"}},
	}
	if i := describe(main, ""); i.Version != "v0.1.0" || i.Commit != "abc" || i.Time != "2030-01-02T03:04:05Z" || !i.Modified || i.Go != "go1.26.1" {
		t.Errorf("main module: %+v", i)
	}
	if i := describe(main, "v7"); i.Version != "v7" {
		t.Errorf("release build: %+v", i)
	}
	// Another program's commit is not Retell's.
	other := &debug.BuildInfo{
		Main: debug.Module{Path: "example.com/other", Version: "v9"}, Settings: main.Settings,
		Deps: []*debug.Module{{Path: Module, Version: "v0.2.0"}},
	}
	if i := describe(other, ""); i.Version != "v0.2.0" || i.Commit != "" || i.Modified {
		t.Errorf("dependency: %+v", i)
	}
	if i := describe(&debug.BuildInfo{}, ""); i.Version != "(devel)" || i.Go == "" || i.Platform == "" {
		t.Errorf("unknown: %+v", i)
	}
}
