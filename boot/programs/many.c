/* Has 64 threads in one process, then 64 processes at once, and counts what they did. */
#include "try.h"
#include <pthread.h>
#include <sys/wait.h>

#define COUNT 64

static pthread_barrier_t barrier;
static __thread int own;
static int total;

static void *thread(void *argument)
{
	own = (long)argument;
	pthread_barrier_wait(&barrier);
	char *memory = malloc(100000);
	memset(memory, own, 100000);
	__atomic_add_fetch(&total, own == memory[99999], __ATOMIC_RELAXED);
	free(memory);
	return NULL;
}

int main(void)
{
	pthread_t threads[COUNT];
	int ends[2], children = 0;
	char bytes[COUNT];
	pthread_barrier_init(&barrier, NULL, COUNT);
	for (long index = 0; index < COUNT; index++)
		if (pthread_create(&threads[index], NULL, thread, (void *)index))
			printf("a thread was not made\n");
	for (int index = 0; index < COUNT; index++)
		pthread_join(threads[index], NULL);
	printf("%d threads\n", total);
	fflush(stdout);
	/* All children live until the last one wrote. */
	int gate[2];
	pipe(ends);
	pipe(gate);
	for (int index = 0; index < COUNT; index++)
		if (fork() == 0) {
			close(gate[1]);
			write(ends[1], "x", 1);
			read(gate[0], bytes, 1);
			_exit(index);
		}
	for (int got = 0; got < COUNT;)
		got += read(ends[0], bytes, COUNT - got);
	close(gate[1]);
	int status, sum = 0;
	while (wait(&status) > 0) {
		children += WIFEXITED(status);
		sum += WEXITSTATUS(status);
	}
	printf("%d processes, %d\n", children, sum);
	return 0;
}
