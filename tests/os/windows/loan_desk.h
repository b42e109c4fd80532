#pragma once

#include "os/windows/loan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/*
 * Loans in a real registry, below a key of our own.
 */
#define REPORTS L"SOFTWARE\\Reports\\LocalDumps"
#define PROGRAM REPORTS L"\\test.exe"

int loan_set_up(void **state);
int loan_tear_down(void **state);

extern struct hb_registry real;

/* The real one, all of whose calls fail from the Nth on: so it looks to the
 * registry when a launcher is killed. */
struct hb_registry mortal(int calls);

/* All keys and values below, as a text; the last two stay valid. */
const char *all(void);

extern const struct hb_loan_owner we;
extern const struct hb_loan_owner other;

/* Two values for PROGRAM. */
extern struct hb_loan_item items[2];
void fill_items(void);
bool take(const struct hb_registry *registry, struct hb_loan_owner owner);
bool give_back(const struct hb_registry *registry, struct hb_loan_owner owner);

/* As the next launcher does, when this one is dead. */
void sweep(struct hb_loan_owner dead);

#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown(name, loan_set_up, loan_tear_down)
