/* Tries what mappings, the break and memory files do, and prints it. */
#include "try.h"
#include <setjmp.h>

#define PAGE 4096UL
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static char buffer[4 * 4096];
static sigjmp_buf back;

static void on_fault(int number, siginfo_t *info, void *context)
{
	siglongjmp(back, number << 8 | info->si_code);
}

/* Touches an address and prints what came of it. */
static void touch(const char *text, volatile char *address, int write)
{
	int fault = sigsetjmp(back, 1);
	if (fault)
		printf("%s: %s, code %d\n", text, sigabbrev_np(fault >> 8), fault & 0xff);
	else if (write)
		printf("%s: written %d\n", text, *address = 7);
	else
		printf("%s: read %d\n", text, *address);
}

static char *map(unsigned long length, int protection, int flags, int file)
{
	return (char *)SYS(mmap, 0, length, protection, flags, file, 0);
}

static void mapping(void)
{
	printf("case memory: mapping\n");
	char *at = map(8 * PAGE, PROT_READ | PROT_WRITE, ANONYMOUS, -1);
	touch("fresh", at, 0);
	touch("fresh", at + 1, 1);
	TRY(munmap, at + 2 * PAGE, PAGE);
	touch("hole", at + 2 * PAGE, 0);
	TRY(munmap, at + 2 * PAGE, PAGE);
	TRY(munmap, at + 1, PAGE);
	TRY(munmap, at, 0);
	TRY(munmap, KERNEL, PAGE);
	TRY(munmap, at, -1UL);
	TRY(mprotect, at, 8 * PAGE, PROT_READ);
	touch("read-only", at + PAGE, 1);
	touch("behind the hole", at + 4 * PAGE, 1);
	TRY(mprotect, at + 1, PAGE, PROT_READ);
	TRY(mprotect, at, 0, PROT_READ);
	TRY(mprotect, at, PAGE, 0x40);
	TRY(mprotect, at, PAGE, PROT_NONE);
	touch("no access", at, 0);
	TRY(mprotect, at, PAGE, PROT_READ | PROT_WRITE);
	touch("again", at + 1, 0);
	TRY(madvise, at, PAGE, MADV_DONTNEED);
	touch("discarded", at + 1, 0);
	TRY(madvise, at + 1, PAGE, MADV_DONTNEED);
	TRY(madvise, at, PAGE, 999);
	TRY(madvise, at, 0, MADV_DONTNEED);
	TRY(madvise, at + PAGE, 3 * PAGE, MADV_DONTNEED);
	TRY(mmap, 0, 0, PROT_READ, ANONYMOUS, -1, 0);
	TRY(mmap, 0, PAGE, PROT_READ, ANONYMOUS, -1, 1);
	TRY(mmap, 0, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0);
	TRY(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, -1, 0);
	TRY(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 1, 1);
	TRY(mmap, 0, -1UL, PROT_READ, ANONYMOUS, -1, 0);
	TRY(mmap, 0, 1UL << 47, PROT_READ, ANONYMOUS, -1, 0);
	TRY(mmap, at + 1, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0);
	TRY(mmap, 1UL << 60, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0);
	TRY(mmap, at, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	TRY_ADDRESS(mmap, at, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0);
	TRY_ADDRESS(mmap, at + 2 * PAGE, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	printf("hint taken: %d\n", SYS(munmap, at, 8 * PAGE) == 0 &&
	       (char *)SYS(mmap, at + 100, PAGE, PROT_READ, ANONYMOUS, -1, 0) == at);
	TRY_ADDRESS(mmap, KERNEL, PAGE, PROT_READ, ANONYMOUS, -1, 0);
	TRY_ADDRESS(mmap, 16, PAGE, PROT_READ, ANONYMOUS, -1, 0);
	touch("null", NULL, 0);
	touch("kernel", KERNEL, 0);
	touch("not canonical", (char *)(1UL << 60), 0);
}

static void reservations(void)
{
	printf("case memory: reservations\n");
	char *all[40];
	for (int index = 0; index < 40; index++) {
		char *at = map(128UL << 20, PROT_NONE, ANONYMOUS | MAP_NORESERVE, -1);
		unsigned long lead = -(unsigned long)at % (64UL << 20);
		all[index] = at + lead;
		if (lead && SYS(munmap, at, lead))
			printf("munmap of the lead failed\n");
		if (SYS(munmap, at + lead + (64UL << 20), (64UL << 20) - lead))
			printf("munmap of the rest failed\n");
		if (SYS(mprotect, all[index], 135168, PROT_READ | PROT_WRITE))
			printf("mprotect failed\n");
		memset(all[index], index, 135168);
	}
	for (int index = 0; index < 40; index++)
		if (all[index][135167] != index || SYS(munmap, all[index], 64UL << 20))
			printf("wrong\n");
	printf("done\n");
}

static void breaks(void)
{
	printf("case memory: break\n");
	char *start = (char *)SYS(brk, 0);
	printf("grows: %d\n", (char *)SYS(brk, start + 10000) == start + 10000);
	touch("in the break", start + 9999, 1);
	printf("shrinks: %d\n", (char *)SYS(brk, start + 100) == start + 100);
	touch("behind the break", start + 9999, 0);
	printf("too low: %d\n", (char *)SYS(brk, 1) == start + 100);
	printf("too high: %d\n", (char *)SYS(brk, KERNEL) == start + 100);
	printf("grows again: %d\n", (char *)SYS(brk, start + 10000) == start + 10000);
	touch("fresh", start + 9999, 0);
	SYS(brk, start);
}

static void files(void)
{
	printf("case memory: files\n");
	TRY(open, "/tmp/map", O_RDWR | O_CREAT | O_TRUNC, 0600);
	TRY(write, 3, "hello", 5);
	char *shared = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 3);
	char *private = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 3);
	TRY(close, 3);
	TRY(open, "/tmp/map", O_RDONLY);
	TRY_ADDRESS(mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
	char *readable = map(PAGE, PROT_READ, MAP_SHARED, 3);
	TRY(mprotect, readable, PAGE, PROT_READ | PROT_WRITE);
	printf("%.5s %.5s %.5s\n", shared, private, readable);
	private[0] = 'P';
	shared[1] = 'S';
	TRY(pread64, 3, buffer, 10, 0);
	printf("%.5s %.5s %.5s\n", buffer, shared, private);
	touch("behind the file", shared + PAGE, 0);
	TRY(close, 3);
	TRY(open, "/tmp/map", O_WRONLY);
	TRY_ADDRESS(mmap, 0, PAGE, PROT_READ, MAP_SHARED, 3, 0);
	TRY_ADDRESS(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 3, 0);
	TRY(ftruncate, 3, 0);
	touch("cut off", shared, 0);
	TRY(close, 3);
	TRY(unlink, "/tmp/map");
	TRY(open, "/proc/self/exe", O_RDONLY);
	char *image = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 3);
	printf("%.3s\n", image + 1);
	image[1] = 'x';
	printf("%.3s\n", image + 1);
	TRY_ADDRESS(mmap, 0, PAGE, PROT_READ, MAP_SHARED, 3, 0);
	TRY(mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
	TRY(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 3, -PAGE);
	TRY(close, 3);
	TRY(open, "/dev/zero", O_RDWR);
	TRY_ADDRESS(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 3, 0);
	TRY_ADDRESS(mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
	TRY(close, 3);
	TRY(open, "/dev/null", O_RDWR);
	TRY(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 3, 0);
	TRY(close, 3);
	TRY(open, "/tmp", O_RDONLY);
	TRY(mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 3, 0);
	TRY(close, 3);
}

static void memory_files(void)
{
	char *at;
	printf("case memory: memory files\n");
	memset(buffer, 'n', 300);
	TRY(memfd_create, buffer, 0);
	buffer[249] = 0;
	TRY(memfd_create, buffer, 0);
	TRY(memfd_create, NOWHERE, 0);
	TRY(memfd_create, "name", 0x1000);
	TRY(memfd_create, "name", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	TRY(fcntl, 3, F_GET_SEALS);
	TRY(fcntl, 4, F_GET_SEALS);
	TRY(fcntl, 4, F_GETFD);
	TRY(fcntl, 4, F_GETFL);
	TRY(fcntl, 1, F_GET_SEALS);
	TRY(fcntl, 3, F_ADD_SEALS, F_SEAL_GROW);
	TRY(fcntl, 4, F_ADD_SEALS, 0x100);
	TRY(ftruncate, 4, 2 * PAGE);
	TRY(fcntl, 4, F_ADD_SEALS, F_SEAL_GROW);
	TRY(ftruncate, 4, 3 * PAGE);
	TRY(pwrite64, 4, "abc", 3, 2 * PAGE - 1);
	TRY(pwrite64, 4, "abc", 3, 2 * PAGE);
	TRY(fcntl, 4, F_ADD_SEALS, F_SEAL_SHRINK);
	TRY(ftruncate, 4, PAGE);
	TRY(ftruncate, 4, 2 * PAGE);
	at = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 4);
	at[3] = 'm';
	TRY(pread64, 4, buffer, 5, 0);
	printf("%d %c\n", buffer[0], buffer[3]);
	TRY(fcntl, 4, F_ADD_SEALS, F_SEAL_WRITE);
	TRY(munmap, at, PAGE);
	TRY(fcntl, 4, F_ADD_SEALS, F_SEAL_WRITE);
	TRY(fcntl, 4, F_GET_SEALS);
	TRY(write, 4, "x", 1);
	TRY(mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 4, 0);
	at = map(PAGE, PROT_READ, MAP_SHARED, 4);
	printf("%c\n", at[3]);
	TRY(mprotect, at, PAGE, PROT_READ | PROT_WRITE);
	TRY_ADDRESS(mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 4, 0);
	TRY(fcntl, 4, F_ADD_SEALS, F_SEAL_SEAL);
	TRY(fcntl, 4, F_ADD_SEALS, F_SEAL_WRITE);
	TRY(close, 3);
	TRY(close, 4);
	TRY(memfd_create, "future", MFD_ALLOW_SEALING);
	TRY(ftruncate, 3, PAGE);
	at = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 3);
	TRY(fcntl, 3, F_ADD_SEALS, F_SEAL_FUTURE_WRITE);
	touch("still", at, 1);
	TRY(write, 3, "x", 1);
	TRY(mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
	TRY(close, 3);
}

static void remapping(void)
{
	printf("case memory: remapping\n");
	char *at = map(4 * PAGE, PROT_READ | PROT_WRITE, ANONYMOUS, -1);
	char *wall = (char *)SYS(mmap, at + 4 * PAGE, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0);
	at[0] = 'a';
	TRY(mremap, at, 4 * PAGE, 5 * PAGE, 0);
	printf("shrinks in place: %d\n", (char *)SYS(mremap, at, 4 * PAGE, 2 * PAGE, 0) == at);
	touch("cut off", at + 2 * PAGE, 0);
	printf("grows in place: %d\n", (char *)SYS(mremap, at, 2 * PAGE, 3 * PAGE, 0) == at);
	char *moved = (char *)TRY_ADDRESS(mremap, at, 3 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	printf("%c %d\n", moved[0], moved != at);
	touch("left", at, 0);
	touch("new", moved + 63 * PAGE, 1);
	TRY(mremap, moved + 1, PAGE, PAGE, 0);
	TRY(mremap, moved, PAGE, 0, 0);
	TRY(mremap, at, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	TRY(munmap, wall, PAGE);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	mapping();
	reservations();
	breaks();
	files();
	memory_files();
	remapping();
	return 0;
}
