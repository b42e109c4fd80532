/*
 * A program with some 20 MB of debug information: very many functions, each
 * with a type of its own. Says a byte and waits.
 */
#include <unistd.h>

/* clang-format off */
#define MEMBERS(n, m)                                                          \
    int a##m##_of_##n; int b##m##_of_##n; int c##m##_of_##n;                   \
    int d##m##_of_##n; int e##m##_of_##n; int f##m##_of_##n;                   \
    int g##m##_of_##n; int h##m##_of_##n;
#define ONE(n)                                                                 \
    struct type_##n {                                                          \
        MEMBERS(n, 1) MEMBERS(n, 2) MEMBERS(n, 3) MEMBERS(n, 4)                \
        MEMBERS(n, 5) MEMBERS(n, 6) MEMBERS(n, 7) MEMBERS(n, 8)                \
        struct type_##n *next_of_##n;                                          \
    };                                                                         \
    int function_##n(struct type_##n *subject_of_##n);                         \
    int function_##n(struct type_##n *subject_of_##n)                          \
    {                                                                          \
        return subject_of_##n->a1_of_##n;                                      \
    }
#define TEN(n)                                                                 \
    ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4)                          \
    ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)
#define HUNDRED(n)                                                             \
    TEN(n##0) TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4)                          \
    TEN(n##5) TEN(n##6) TEN(n##7) TEN(n##8) TEN(n##9)
#define THOUSAND(n)                                                            \
    HUNDRED(n##0) HUNDRED(n##1) HUNDRED(n##2) HUNDRED(n##3) HUNDRED(n##4)      \
    HUNDRED(n##5) HUNDRED(n##6) HUNDRED(n##7) HUNDRED(n##8) HUNDRED(n##9)

THOUSAND(1) THOUSAND(2) THOUSAND(3) THOUSAND(4) THOUSAND(5) THOUSAND(6)
THOUSAND(7) THOUSAND(8) THOUSAND(9) THOUSAND(10) THOUSAND(11) THOUSAND(12)
THOUSAND(13)
    /* clang-format on */

    int main(void)
{
    if (write(1, "x", 1) != 1) {
        return 1;
    }
    for (;;) {
        (void)pause();
    }
}
