// Package buildinfo reports the version of Retell that a program was built with. [Read] returns it as an [Info].
package buildinfo

import (
	"cmp"
	"runtime"
	"runtime/debug"
)

// Module is the path of Retell's module.
const Module = "github.com/retell-rnn/retell"

// release is the version of a release build, which the linker sets:
//
//	go build -ldflags "-X github.com/retell-rnn/retell/internal/buildinfo.release=v1.2.3"
var release string

// Info describes a build. Version, Go and Platform are never empty; the others are empty if they are unknown.
type Info struct {
	Version  string `json:"version"`            // release, pseudo-version or "(devel)"
	Commit   string `json:"commit,omitempty"`   // commit of the source
	Time     string `json:"time,omitempty"`     // time of the commit, in RFC 3339
	Modified bool   `json:"modified,omitempty"` // whether the source had changes that were not committed
	Go       string `json:"go"`                 // version of Go
	Platform string `json:"platform"`           // operating system and architecture, such as linux/amd64
}

// Read describes the Retell of the running program, which may be its main module or a dependency.
func Read() Info {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		build = &debug.BuildInfo{}
	}
	return describe(build, release)
}

// describe reads the description from a build and the release.
func describe(build *debug.BuildInfo, release string) Info {
	i := Info{Go: cmp.Or(build.GoVersion, runtime.Version()), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	version := ""
	if build.Main.Path == Module {
		version = build.Main.Version
		for _, s := range build.Settings {
			switch s.Key {
			case "vcs.revision":
				i.Commit = s.Value
			case "vcs.time":
				i.Time = s.Value
			case "vcs.modified":
				i.Modified = s.Value == "true"
			}
		}
	}
	for _, dep := range build.Deps {
		if dep.Path == Module {
			version = dep.Version
			if dep.Replace != nil {
				version = dep.Replace.Version
			}
		}
	}
	i.Version = cmp.Or(release, version, "(devel)")
	return i
}
