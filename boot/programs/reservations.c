/* Reserves far more addresses than there is memory, as a C library does for each thread, and says what that costs. */
#include "try.h"

#define MIB (1UL << 20)
#define RESERVATIONS 64

static long free_memory(void)
{
	static char text[4096];
	long kilobytes = -1;
	int file = open("/proc/meminfo", O_RDONLY);
	read(file, text, sizeof(text) - 1);
	close(file);
	sscanf(strstr(text, "MemFree:"), "MemFree: %ld", &kilobytes);
	return kilobytes;
}

int main(void)
{
	static char *reserved[RESERVATIONS];
	printf("reserving\n");
	long untouched = free_memory();
	void *huge = mmap(0, 512UL << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	printf("512 GiB cost %s\n", huge == MAP_FAILED ? "too much" : untouched - free_memory() <= 16 ? "next to nothing" : "memory");
	munmap(huge, 512UL << 30);
	long before = free_memory();
	for (int i = 0; i < RESERVATIONS; i++) {
		reserved[i] = mmap(0, 128 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (reserved[i] == MAP_FAILED)
			return printf("no reservation %d\n", i), 1;
		/* As malloc trims it: what lies before and behind an aligned half goes. */
		char *aligned = (char *)(((uintptr_t)reserved[i] + 64 * MIB - 1) & -(64 * MIB));
		if (aligned > reserved[i])
			munmap(reserved[i], aligned - reserved[i]);
		munmap(aligned + 64 * MIB, reserved[i] + 64 * MIB - aligned);
		reserved[i] = aligned;
	}
	long reserving = before - free_memory();
	printf("4 GiB cost %s\n", reserving <= 64 ? "next to nothing" : "memory");
	for (int i = 0; i < RESERVATIONS; i++)
		for (int step = 0; step < 3; step++)
			if (mprotect(reserved[i] + step * 135168UL, 135168, PROT_READ | PROT_WRITE))
				return printf("no access\n"), 1;
	printf("access costs %s\n", before - free_memory() <= 256 ? "next to nothing" : "memory");
	for (int i = 0; i < RESERVATIONS; i++)
		reserved[i][0] = reserved[i][3 * 135168UL - 1] = 1;
	long used = before - free_memory();
	printf("what is used costs %s\n", used >= RESERVATIONS * 8 && used < RESERVATIONS * 32 ? "its pages" : "something else");
	for (int i = 0; i < RESERVATIONS; i++)
		munmap(reserved[i], 64 * MIB);
	printf("afterwards %s\n", before - free_memory() <= 64 ? "nothing is lost" : "memory is lost");
	return 0;
}
