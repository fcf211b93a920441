/* Tries links, symbolic links and renaming, and prints it. */
#include "try.h"

#define PLACE "/tmp/names"

static char buffer[512];

static void make(const char *path, const char *text)
{
	int file = open(path, O_RDWR | O_CREAT, 0600);
	write(file, text, strlen(text));
	close(file);
}

/* The kind of what is there, how many names it has, and its content. */
static void tell(const char *path)
{
	struct stat status;
	long result = SYS(newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW);
	if (result < 0) {
		show(path, result);
		return;
	}
	printf("%s: %o", path, status.st_mode);
	if (!S_ISDIR(status.st_mode))
		printf(", %lu names, %ld bytes", (unsigned long)status.st_nlink, (long)status.st_size);
	int file = open(path, O_RDONLY);
	ssize_t length = file < 0 ? -1 : read(file, buffer, sizeof buffer);
	printf(length >= 0 ? ", \"%.*s\"\n" : "\n", (int)length, buffer);
	close(file);
}

static void links(void)
{
	printf("case names: links\n");
	make("a", "text of a");
	TRY(link, "a", "b");
	tell("a");
	tell("b");
	TRY(link, "a", "b");
	TRY(link, "none", "c");
	TRY(link, "a", "none/c");
	TRY(link, "a", "c/");
	TRY(link, "a/", "c");
	TRY(link, "a", "");
	TRY(link, "", "c");
	TRY(link, ".", "c");
	TRY(link, "a", ".");
	TRY(link, "/dev/null", "c");
	TRY(link, NOWHERE, "c");
	TRY(linkat, AT_FDCWD, "a", AT_FDCWD, "c", 1);
	TRY(linkat, 99, "a", AT_FDCWD, "c", 0);
	TRY(unlink, "a");
	tell("b");
	int file = open("b", O_RDONLY);
	TRY(linkat, file, "", AT_FDCWD, "c", AT_EMPTY_PATH);
	TRY(linkat, file, "", AT_FDCWD, "d", 0);
	TRY(unlink, "b");
	TRY(unlink, "c");
	struct stat status;
	fstat(file, &status);
	printf("%lu names\n", (unsigned long)status.st_nlink);
	TRY(linkat, file, "", AT_FDCWD, "d", AT_EMPTY_PATH);
	close(file);
}

static void symbolic(void)
{
	printf("case names: symbolic links\n");
	make("file", "text");
	TRY(symlink, "file", "to-file");
	TRY(symlink, "none", "to-none");
	TRY(symlink, PLACE, "to-here");
	TRY(symlink, "loop", "loop");
	TRY(symlink, "file", "file");
	TRY(symlink, "file", "to-file");
	TRY(symlink, "", "empty");
	TRY(symlink, "file", "");
	TRY(symlink, "file", "x/");
	TRY(symlink, "file", "none/x");
	TRY(symlink, NOWHERE, "x");
	TRY(symlinkat, "file", 99, "x");
	tell("to-file");
	tell("to-none");
	tell("loop");
	tell("to-here/to-here/file");
	show("readlink", SYS(readlink, "to-none", buffer, 3));
	TRY(open, "loop", O_RDONLY);
	TRY(open, "to-file", O_RDONLY | O_NOFOLLOW);
	TRY(open, "to-file", O_RDWR | O_CREAT | O_EXCL, 0600);
	TRY(open, "to-file/", O_RDONLY);
	close(open("to-none", O_RDWR | O_CREAT, 0600));
	tell("none");
	TRY(link, "to-file", "again");
	show("readlink", SYS(readlink, "again", buffer, sizeof buffer));
	TRY(linkat, AT_FDCWD, "to-file", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW);
	tell("file");
	TRY(mkdir, "to-none/", 0700);
	TRY(rmdir, "to-here");
	TRY(unlink, "to-here/");
	TRY(unlink, "to-here");
	TRY(chdir, "to-file");
	TRY(unlink, "to-file");
	tell("file");
	char longest[5000];
	memset(longest, 'x', sizeof longest);
	longest[4999] = 0;
	show("a target too long", SYS(symlink, longest, "x"));
}

static void renaming(void)
{
	printf("case names: renaming files\n");
	make("old", "old text");
	make("other", "other text");
	TRY(rename, "old", "new");
	tell("old");
	tell("new");
	TRY(rename, "old", "new");
	TRY(renameat2, AT_FDCWD, "new", AT_FDCWD, "other", 1);
	TRY(renameat2, AT_FDCWD, "new", AT_FDCWD, "other", 64);
	TRY(rename, "new", "other");
	tell("other");
	tell("new");
	TRY(rename, "other", "other");
	TRY(link, "other", "same");
	TRY(rename, "other", "same");
	tell("same");
	TRY(unlink, "same");
	TRY(rename, "other", "none/x");
	TRY(rename, "other", "x/");
	TRY(rename, "other/", "x");
	TRY(rename, "other", "other/x");
	TRY(rename, "other", "");
	TRY(rename, "", "x");
	TRY(rename, "other", ".");
	TRY(rename, "..", "x");
	TRY(rename, "/", "x");
	TRY(rename, "other", "/");
	TRY(renameat2, AT_FDCWD, "other", AT_FDCWD, ".", 1);
	TRY(rename, "other", "/proc/x");
	TRY(rename, "/proc/self", "x");
	TRY(rename, NOWHERE, "x");
	TRY(renameat, 99, "other", AT_FDCWD, "x");
	TRY(symlink, "other", "points");
	TRY(rename, "points", "pointer");
	tell("pointer");
	int file = open("other", O_RDONLY);
	TRY(rename, "other", "moved");
	char path[64];
	sprintf(path, "/proc/self/fd/%d", file);
	memset(buffer, 0, sizeof buffer);
	readlink(path, buffer, sizeof buffer);
	printf("it is %s now\n", buffer);
	close(file);
}

static void directories(void)
{
	printf("case names: renaming directories\n");
	mkdir("one", 0700), mkdir("one/inner", 0700), mkdir("two", 0700), mkdir("full", 0700);
	make("one/inner/file", "within");
	make("full/file", "");
	make("plain", "");
	int inner = open("one/inner", O_RDONLY | O_DIRECTORY);
	chdir("one/inner");
	TRY(rename, "../../one", "../../first");
	memset(buffer, 0, sizeof buffer);
	SYS(getcwd, buffer, sizeof buffer);
	printf("here is %s\n", buffer);
	tell("file");
	show("openat", SYS(openat, inner, "file", O_RDONLY) >= 0);
	show("openat of the other", SYS(openat, inner, "../../two", O_RDONLY | O_DIRECTORY) >= 0);
	chdir(PLACE);
	tell("first/inner/file");
	TRY(rename, "first", "first/inner/x");
	TRY(rename, "first/inner", "first");
	TRY(rename, "first", "plain");
	TRY(rename, "plain", "first");
	TRY(rename, "first", "full");
	TRY(rename, "first/", "two/");
	tell("two/inner/file");
	tell("first");
	TRY(rename, "two", "renamed/");
	TRY(rename, "renamed/inner", "inner");
	TRY(rmdir, "renamed");
	show("openat", SYS(openat, inner, "file", O_RDONLY) >= 0);
	mkdir("gone", 0700), mkdir("instead", 0700);
	int gone = open("gone", O_RDONLY | O_DIRECTORY);
	TRY(rename, "instead", "gone");
	show("in what was replaced", SYS(openat, gone, "x", O_RDWR | O_CREAT, 0600) < 0);
	TRY(rename, "gone", "/");
	TRY(rename, "gone/.", "x");
	TRY(rename, "gone/..", "x");
	close(inner), close(gone);
}

int main(void)
{
	TRY(mkdir, PLACE, 0700);
	TRY(chdir, PLACE);
	links();
	symbolic();
	renaming();
	directories();
	return 0;
}
