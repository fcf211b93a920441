/* Takes of each thing as much as there is. Everything has an end, and the system is alive afterwards. */
#include "try.h"
#include <dirent.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char page[65536];

static void in_a_child(const char *what, void (*take)(void))
{
	int status;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		take();
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		printf("%s: %s\n", what, sigabbrev_np(WTERMSIG(status)));
	else
		printf("%s: there is an end\n", what);
}

static void more_descriptors(void)
{
	struct rlimit limit = { 500000, 500000 };
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void names(void)
{
	char name[64];
	for (int index = 0; index < 1000000; index++) {
		sprintf(name, "/tmp/hungry/%d", index);
		int file = open(name, O_WRONLY | O_CREAT, 0600);
		if (file < 0)
			break;
		close(file);
	}
}

static void directories(void)
{
	char name[64];
	for (int index = 0; index < 1000000; index++) {
		sprintf(name, "/tmp/hungry/%dd", index);
		if (mkdir(name, 0700) < 0)
			break;
	}
}

static void bytes(void)
{
	int file = open("/tmp/hungry/bytes", O_WRONLY | O_CREAT, 0600);
	while (write(file, page, sizeof(page)) > 0)
		;
}

static void pipes(void)
{
	int ends[2];
	more_descriptors();
	while (pipe2(ends, O_NONBLOCK) == 0 && write(ends[1], page, sizeof(page)) > 0)
		;
}

static void descriptors(void)
{
	more_descriptors();
	while (open("/dev/null", O_RDONLY) >= 0)
		;
}

static void memory_files(void)
{
	more_descriptors();
	for (;;) {
		int file = memfd_create("hungry", 0);
		if (file < 0 || ftruncate(file, sizeof(page)) || write(file, page, sizeof(page)) < 0)
			break;
	}
}

static void areas(void)
{
	for (;;) {
		char *at = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (at == MAP_FAILED || mprotect(at, 4096, PROT_NONE))
			break;
	}
}

/* One mapping that is larger than all memory: its use ends the program, and not an mmap that finds nothing left. */
static void memory(void)
{
	size_t size = 1 << 30;
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at != MAP_FAILED)
		memset(at, 1, size);
}

static void clean(void)
{
	static char path[300];
	DIR *directory = opendir("/tmp/hungry");
	struct dirent *entry;
	while ((entry = readdir(directory))) {
		sprintf(path, "/tmp/hungry/%s", entry->d_name);
		if (unlink(path))
			rmdir(path);
	}
	closedir(directory);
}

int main(void)
{
	mkdir("/tmp/hungry", 0700);
	in_a_child("names", names);
	clean();
	in_a_child("directories", directories);
	clean();
	in_a_child("bytes", bytes);
	clean();
	in_a_child("pipes", pipes);
	in_a_child("descriptors", descriptors);
	in_a_child("memory files", memory_files);
	in_a_child("areas", areas);
	in_a_child("memory", memory);
	printf("rmdir: %d\n", rmdir("/tmp/hungry"));
	return 0;
}
