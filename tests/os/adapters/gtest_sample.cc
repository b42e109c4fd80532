// A GoogleTest program with every kind of case, as a user would write it.
#include <cstdlib>
#include <stdexcept>

#include <gtest/gtest.h>

#include <hbtest/gtest.h>

TEST(Plain, Passes)
{
    SUCCEED();
}

TEST(Plain, Fails)
{
    EXPECT_EQ(1, 2) << "said the test";
}

TEST(Plain, Skips)
{
    GTEST_SKIP() << "not here";
}

TEST(Plain, Throws)
{
    throw std::runtime_error("thrown");
}

TEST(Plain, DISABLED_Rests)
{
    FAIL();
}

TEST(Exit, Exits)
{
    std::exit(0);
}

class Values : public ::testing::TestWithParam<int>
{
};

TEST_P(Values, Holds)
{
    EXPECT_GT(GetParam(), 0);
}

INSTANTIATE_TEST_SUITE_P(Some, Values, ::testing::Values(1, 2));

TEST(Fatal, DiesAsItShould)
{
    EXPECT_DEATH(std::abort(), "");
}
