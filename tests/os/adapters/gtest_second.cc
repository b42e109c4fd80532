// A second file of the same program that includes the adapter too.
#include <gtest/gtest.h>

#include <hbtest/gtest.h>

TEST(Second, Passes)
{
    SUCCEED();
}
