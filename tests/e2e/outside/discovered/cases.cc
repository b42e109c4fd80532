#include <cstdlib>

#include <gtest/gtest.h>

TEST(Suite, Passes)
{
}

TEST(Suite, Fails)
{
    EXPECT_EQ(1, 2);
}

TEST(Suite, ExitsEarly)
{
    std::exit(0);
}
