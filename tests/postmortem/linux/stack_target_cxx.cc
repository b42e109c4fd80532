// A program in C++ whose stack a test knows. It says "ready" and waits for the
// end of its input.
#include <unistd.h>

namespace shop
{

volatile int after;

template <typename T> class Counter
{
  public:
    __attribute__((noinline)) void wait(T number)
    {
        char byte;

        if (write(STDOUT_FILENO, "ready\n", 6) != 6) {
            _exit(1);
        }
        while (read(STDIN_FILENO, &byte, 1) == 1) {
            after = static_cast<int>(number);
        }
    }
    inline __attribute__((always_inline)) void serve(T number)
    {
        wait(number);
        after = 1;
    }
};

__attribute__((noinline)) void open(int number)
{
    Counter<long> counter;

    counter.serve(number);
    after = 2;
}

} // namespace shop

int main()
{
    shop::open(7);
    return 0;
}
