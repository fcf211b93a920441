/*
 * What the programs that try system calls share. `TRY(call)` makes a call and prints the text of the call with its
 * result or the name of its error, so that the same program can be compared on two systems. All calls go past the C
 * library: it would change some of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static long call(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	__asm__ volatile("syscall" : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define CALL_7(number, a, b, c, d, e, f, ...) call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL(...) CALL_7(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
/* The result as a number, -errno for errors. */
#define SYS(name, ...) CALL(SYS_##name, ##__VA_ARGS__)

static long show(const char *text, long result)
{
	if (result < 0 && result > -4096)
		printf("%s: %s\n", text, strerrorname_np(-result));
	else
		printf("%s: %ld\n", text, result);
	return result;
}

/* Makes a call and prints it. */
#define TRY(name, ...) show(#name "(" #__VA_ARGS__ ")", SYS(name, ##__VA_ARGS__))
/* Makes a call and prints only whether it failed, and how: for calls that answer an address. */
#define TRY_ADDRESS(name, ...) show_address(#name "(" #__VA_ARGS__ ")", SYS(name, ##__VA_ARGS__))

static inline long show_address(const char *text, long result)
{
	if (result < 0 && result > -4096)
		printf("%s: %s\n", text, strerrorname_np(-result));
	else
		printf("%s: an address\n", text);
	return result;
}

/* An address of the kernel, and one where nothing is mapped. */
#define KERNEL ((void *)0xffff888000001000)
#define NOWHERE ((void *)8)
