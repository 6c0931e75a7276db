package kernel

import "syscall"

// permitAMX asks Linux for the matrix registers, for all threads of the process, and reports whether it grants them.
func permitAMX() bool {
	const requestPermission, tileData = 0x1023, 18
	_, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, requestPermission, tileData, 0)
	return errno == 0
}
