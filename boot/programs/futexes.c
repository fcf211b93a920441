/* Tries what futexes do beyond waiting and waking: moving waiters, changing a second word, mutexes of those who ended. */
#include "try.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/wait.h>

static int one, other;
static int order[8], come;

static void settle(void)
{
	struct timespec some = { 0, 50000000 };
	nanosleep(&some, 0);
}

static void *wait_on_one(void *index)
{
	long result = SYS(futex, &one, FUTEX_WAIT_PRIVATE, 0, 0);
	order[__atomic_fetch_add(&come, 1, __ATOMIC_SEQ_CST)] = (int)(long)index;
	return (void *)result;
}

static pthread_t threads[4];

static void start(int count)
{
	come = 0;
	for (long index = 0; index < count; index++) {
		pthread_create(&threads[index], 0, wait_on_one, (void *)index);
		settle();
	}
}

static void finish(int count)
{
	long results = 0;
	for (int index = 0; index < count; index++) {
		void *result;
		pthread_join(threads[index], &result);
		results += (long)result;
	}
	printf("%d came, results %ld\n", come, results);
}

/* Who came, where they were woken one after the other. */
static void show_order(void)
{
	printf("they came:");
	for (int index = 0; index < come; index++)
		printf(" %d", order[index]);
	printf("\n");
}

static void moving(void)
{
	printf("case futexes: waiters are moved\n");
	TRY(futex, &one, FUTEX_REQUEUE_PRIVATE, -1, 1, &other);
	TRY(futex, &one, FUTEX_REQUEUE_PRIVATE, 1, -1, &other);
	TRY(futex, &one, FUTEX_REQUEUE_PRIVATE, 1, 1, (char *)&other + 1);
	TRY(futex, (char *)&one + 2, FUTEX_REQUEUE_PRIVATE, 1, 1, &other);
	TRY(futex, &one, FUTEX_REQUEUE_PRIVATE, 1, 1, &other);
	TRY(futex, &one, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &other, 5);
	TRY(futex, &one, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &other, 0);
	TRY(futex, NOWHERE, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &other, 0);
	TRY(futex, &one, FUTEX_REQUEUE_PRIVATE | FUTEX_CLOCK_REALTIME, 1, 1, &other);
	start(4);
	TRY(futex, &one, FUTEX_REQUEUE_PRIVATE, 1, 2, &other);
	settle();
	TRY(futex, &one, FUTEX_WAKE_PRIVATE, 9);
	settle();
	TRY(futex, &other, FUTEX_WAKE_PRIVATE, 1);
	settle();
	TRY(futex, &other, FUTEX_WAKE_PRIVATE, 9);
	settle();
	show_order();
	finish(4);
	start(3);
	TRY(futex, &one, FUTEX_CMP_REQUEUE_PRIVATE, 0, 0x7fffffff, &other, 0);
	TRY(futex, &one, FUTEX_WAKE_PRIVATE, 9);
	TRY(futex, &other, FUTEX_REQUEUE_PRIVATE, 1, 9, &one);
	settle();
	TRY(futex, &one, FUTEX_WAKE_PRIVATE, 9);
	finish(3);
	start(2);
	TRY(futex, &one, FUTEX_REQUEUE_PRIVATE, 0, 1, &one);
	TRY(futex, &one, FUTEX_WAKE_PRIVATE, 9);
	finish(2);
}

static void changing(void)
{
	printf("case futexes: a second word is changed\n");
	static const struct {
		int operation, operand, condition, compared;
	} tries[] = {
		{ FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 3 },   { FUTEX_OP_ADD, -2, FUTEX_OP_CMP_NE, 7 },
		{ FUTEX_OP_OR, 8, FUTEX_OP_CMP_LT, 6 },	   { FUTEX_OP_ANDN, 1, FUTEX_OP_CMP_LE, 12 },
		{ FUTEX_OP_XOR, 4, FUTEX_OP_CMP_GT, -1 },  { FUTEX_OP_SET, -1, FUTEX_OP_CMP_GE, 9 },
		{ FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 10, FUTEX_OP_CMP_LT, 0 },
		{ FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 31, FUTEX_OP_CMP_EQ, -1 },
		{ 6, 1, FUTEX_OP_CMP_EQ, 0 },		   { FUTEX_OP_SET, 1, 9, 0 },
	};
	other = 3;
	for (unsigned index = 0; index < sizeof tries / sizeof *tries; index++) {
		start(2);
		int code = FUTEX_OP(tries[index].operation, tries[index].operand, tries[index].condition, tries[index].compared);
		long woken = SYS(futex, &one, FUTEX_WAKE_OP_PRIVATE, 1, 1, &other, code);
		show("woken", woken);
		printf("the word is %d\n", other);
		SYS(futex, &one, FUTEX_WAKE_PRIVATE, 9);
		finish(2);
	}
	one = other = 0;
	start(2);
	TRY(futex, &one, FUTEX_WAKE_OP_PRIVATE, 1, 1, &one, FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0));
	finish(2);
	TRY(futex, &one, FUTEX_WAKE_OP_PRIVATE, 1, 1, NOWHERE, 0);
}

static pthread_mutex_t *mutexes;

static void *take_and_end(void *argument)
{
	pthread_mutex_lock(&mutexes[0]);
	pthread_mutex_lock(&mutexes[1]);
	settle();
	return argument;
}

/* Takes what another left behind. */
static void inherit(const char *text, int index)
{
	int result = pthread_mutex_lock(&mutexes[index]);
	printf("%s: %s\n", text, result ? strerrorname_np(result) : "mine");
	if (result == EOWNERDEAD)
		pthread_mutex_consistent(&mutexes[index]);
	pthread_mutex_unlock(&mutexes[index]);
}

static void robust(void)
{
	printf("case futexes: mutexes of those who ended\n");
	void *head;
	size_t size = 0;
	TRY(set_robust_list, 0, 23);
	TRY(get_robust_list, 0, &head, &size);
	printf("size %zu\n", size);
	TRY(get_robust_list, 0, KERNEL, &size);
	TRY(get_robust_list, 99999, &head, &size);
	mutexes = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	for (int index = 0; index < 4; index++)
		pthread_mutex_init(&mutexes[index], &attributes);
	pthread_t thread;
	pthread_create(&thread, 0, take_and_end, 0);
	settle();
	inherit("while it ends", 0);
	pthread_join(thread, 0);
	inherit("after its end", 1);
	inherit("again", 1);
	fflush(stdout);
	for (int way = 0; way < 3; way++) {
		pid_t child = fork();
		if (child == 0) {
			pthread_mutex_lock(&mutexes[2]);
			pthread_mutex_lock(&mutexes[3]);
			settle();
			if (way == 0)
				_exit(0);
			if (way == 1)
				execl("/proc/self/exe", "futexes", "end", (char *)0);
			pause();
		}
		struct timespec little = { 0, 20000000 };
		nanosleep(&little, 0);
		if (way == 2)
			kill(child, SIGKILL);
		inherit("of a process", 2);
		waitpid(child, 0, 0);
		inherit("of a process that is gone", 3);
	}
	/* A list that leads nowhere, and one that leads to itself. */
	for (int way = 0; way < 2; way++) {
		pid_t child = fork();
		if (child == 0) {
			static struct robust_list_head broken;
			static struct robust_list ring = { &ring };
			broken.list.next = way ? &ring : NOWHERE;
			broken.futex_offset = 8;
			SYS(set_robust_list, &broken, sizeof broken);
			SYS(exit_group, 5);
		}
		int status;
		waitpid(child, &status, 0);
		printf("a broken list: %x\n", status);
	}
}

int main(int count, char **words)
{
	if (count > 1 && !strcmp(words[1], "end"))
		return 0;
	setvbuf(stdout, 0, _IOFBF, 1 << 16);
	moving();
	changing();
	robust();
	return 0;
}
