/*
 * Prints what a program finds when it starts, then starts itself from damaged files: each must be refused or be killed,
 * and the system must go on.
 */
#include "try.h"
#include <elf.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/wait.h>

#define COPY "/tmp/copy"

extern char **environ;
extern char __ehdr_start, _start;
static __thread int local = 41;
static int relocated = 42;
static int *volatile pointer = &relocated;
static char zeroes[100000];

static void contents(int argc, char **argv)
{
	printf("case start: contents\n");
	printf("arguments:");
	for (int index = 0; index < argc; index++)
		printf(" [%s]", argv[index]);
	printf(" %d\n", argv[argc] == NULL);
	printf("stack aligned: %d\n", (uintptr_t)__builtin_frame_address(0) % 16 == 0);
	printf("argc below argv: %d\n", ((long *)argv)[-1] == argc);
	printf("environment behind argv: %d\n", environ == argv + argc + 1);
	printf("thread-local %d, relocated %d, zeroes %d %d\n", local, *pointer, zeroes[0], zeroes[99999]);
}

static void vector(void)
{
	printf("case start: auxiliary vector\n");
	Elf64_Ehdr *header = (Elf64_Ehdr *)&__ehdr_start;
	uintptr_t bias = header->e_type == ET_DYN ? (uintptr_t)header : 0;
	printf("headers: %d\n", getauxval(AT_PHDR) == (uintptr_t)header + header->e_phoff);
	printf("header size %lu, count right: %d\n", getauxval(AT_PHENT), getauxval(AT_PHNUM) == header->e_phnum);
	printf("entry: %d\n", getauxval(AT_ENTRY) == header->e_entry + bias);
	printf("page %lu, base %lu, flags %lu, ticks %lu, secure %lu\n", getauxval(AT_PAGESZ), getauxval(AT_BASE),
	       getauxval(AT_FLAGS), getauxval(AT_CLKTCK), getauxval(AT_SECURE));
	printf("users %lu %lu %lu %lu\n", getauxval(AT_UID), getauxval(AT_EUID), getauxval(AT_GID), getauxval(AT_EGID));
	printf("platform %s, file %s\n", (char *)getauxval(AT_PLATFORM), (char *)getauxval(AT_EXECFN));
	printf("features: %d, random: %d\n", getauxval(AT_HWCAP) != 0, *(uint64_t *)getauxval(AT_RANDOM) != 0);
	static uint64_t entries[100];
	SYS(open, "/proc/self/auxv", O_RDONLY);
	long size = SYS(read, 3, entries, sizeof(entries));
	SYS(close, 3);
	printf("as a file: %d\n", size % 16 == 0 && entries[size / 8 - 2] == AT_NULL);
	long position = 0;
	while (entries[position] != AT_ENTRY)
		position += 2;
	printf("the same: %d\n", entries[position + 1] == getauxval(AT_ENTRY));
}

static void maps(void)
{
	static char text[16384], name[100], protection[5];
	int size = 0, got, stack = 0, code = 0;
	unsigned long start, end;
	pthread_attr_t attributes;
	void *address;
	size_t length;
	printf("case start: maps\n");
	SYS(open, "/proc/self/maps", O_RDONLY);
	while ((got = SYS(read, 3, text + size, 100)) > 0)
		size += got;
	SYS(close, 3);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		name[0] = 0;
		sscanf(line, "%lx-%lx %4s %*s %*s %*s %99s", &start, &end, protection, name);
		if ((uintptr_t)&got >= start && (uintptr_t)&got < end)
			stack = !strcmp(name, "[stack]") && !strcmp(protection, "rw-p");
		if ((uintptr_t)maps >= start && (uintptr_t)maps < end)
			code = !strcmp(protection, "r-xp") && strstr(name, "start") != NULL;
	}
	printf("stack %d, code %d\n", stack, code);
	printf("attributes: %d\n", pthread_getattr_np(pthread_self(), &attributes));
	pthread_attr_getstack(&attributes, &address, &length);
	printf("holds the stack: %d\n", (uintptr_t)&got >= (uintptr_t)address && (uintptr_t)&got < (uintptr_t)address + length);
}

/* Starts a file in a child and prints what came of it. */
static void start(const char *text, const char *path, char **argv, char **environment)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		long result = SYS(execve, path, argv, environment);
		printf("%s: %s\n", text, strerrorname_np(-result));
		fflush(stdout);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		printf("%s: %s\n", text, sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		printf("%s: ended with %d\n", text, WEXITSTATUS(status));
}

static void save(const char *bytes, size_t size)
{
	SYS(unlink, COPY);
	long file = SYS(open, COPY, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	for (size_t done = 0; done < size;)
		done += SYS(write, file, bytes + done, size - done);
	SYS(close, file);
}

static void programs(void)
{
	static char *argv[] = { "copy", "child", NULL }, *none[] = { NULL };
	static char huge[200000];
	printf("case start: programs\n");
	start("itself", "/proc/self/exe", argv, none);
	start("a directory", "/tmp", argv, none);
	start("nothing", "/tmp/none", argv, none);
	start("a device", "/dev/null", argv, none);
	start("an empty path", "", argv, none);
	start("a wild path", NOWHERE, argv, none);
	start("wild arguments", "/proc/self/exe", KERNEL, none);
	memset(huge, 'x', sizeof(huge) - 1);
	char *long_argument[] = { "copy", huge, NULL };
	start("an argument that is too long", "/proc/self/exe", long_argument, none);
	static char *many[100];
	huge[100000] = 0;
	for (int index = 0; index < 99; index++)
		many[index] = huge;
	start("too many arguments", "/proc/self/exe", many, none);
	save("", 0);
	start("an empty file", COPY, argv, none);
	save("\x7f" "ELF", 4);
	start("four bytes", COPY, argv, none);
	SYS(unlink, COPY);
	long file = SYS(open, COPY, O_WRONLY | O_CREAT, 0644);
	SYS(close, file);
	start("not executable", COPY, argv, none);
}

static char *image;
static long image_size;

/* A copy of this program with some bytes changed. */
static void damaged(const char *text, long at, const void *bytes, size_t size, long length)
{
	static char *argv[] = { "copy", "child", NULL };
	char kept[64];
	memcpy(kept, image + at, size);
	memcpy(image + at, bytes, size);
	save(image, length);
	memcpy(image + at, kept, size);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		SYS(close, 1);
		SYS(execve, COPY, argv, argv + 2);
		_exit(126);
	}
	int status;
	waitpid(child, &status, 0);
	int refused = WIFSIGNALED(status) || WEXITSTATUS(status) == 126;
	printf("%s: %s\n", text, refused ? "refused" : "started");
}

static void damage(void)
{
	printf("case start: damaged programs\n");
	long file = SYS(open, "/proc/self/exe", O_RDONLY);
	image_size = SYS(lseek, file, 0, SEEK_END);
	image = malloc(image_size);
	for (long done = 0; done < image_size;)
		done += SYS(pread64, file, image + done, image_size - done, done);
	SYS(close, file);
	Elf64_Ehdr *header = (Elf64_Ehdr *)image;
	Elf64_Phdr *headers = (Elf64_Phdr *)(image + header->e_phoff);
	long loads[8], count = 0;
	for (int index = 0; index < header->e_phnum; index++)
		if (headers[index].p_type == PT_LOAD)
			loads[count++] = header->e_phoff + index * sizeof(*headers);
	uint64_t wild = 0x7ffffffff000, huge = -4096, large = 1UL << 46;
	uint16_t half = 0xffff, zero = 0;
	damaged("sound", 0, "\x7f", 1, image_size);
	damaged("wrong magic", 1, "X", 1, image_size);
	damaged("other machine", 18, "\3", 1, image_size);
	damaged("no headers", offsetof(Elf64_Ehdr, e_phnum), &zero, 2, image_size);
	damaged("65535 headers", offsetof(Elf64_Ehdr, e_phnum), &half, 2, image_size);
	damaged("wrong header size", offsetof(Elf64_Ehdr, e_phentsize), &half, 2, image_size);
	damaged("headers far away", offsetof(Elf64_Ehdr, e_phoff), &huge, 8, image_size);
	damaged("entry in the kernel", offsetof(Elf64_Ehdr, e_entry), &huge, 8, image_size);
	damaged("entry nowhere", offsetof(Elf64_Ehdr, e_entry), &wild, 8, image_size);
	damaged("cut in the headers", 0, "\x7f", 1, 100);
	damaged("segment in the kernel", loads[0] + offsetof(Elf64_Phdr, p_vaddr), &huge, 8, image_size);
	damaged("segment at the end", loads[count - 1] + offsetof(Elf64_Phdr, p_vaddr), &wild, 8, image_size);
	damaged("segment far in the file", loads[1] + offsetof(Elf64_Phdr, p_offset), &huge, 8, image_size);
	damaged("huge in the file", loads[1] + offsetof(Elf64_Phdr, p_filesz), &huge, 8, image_size);
	damaged("huge in memory", loads[count - 1] + offsetof(Elf64_Phdr, p_memsz), &huge, 8, image_size);
	damaged("more in the file than in memory", loads[count - 1] + offsetof(Elf64_Phdr, p_filesz), &large, 8, image_size);
	SYS(unlink, COPY);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	if (argc > 1 && !strcmp(argv[1], "child")) {
		printf("child: %s %d %d\n", argv[0], local, *pointer);
		return 3;
	}
	contents(argc, argv);
	vector();
	maps();
	programs();
	damage();
	return 0;
}
