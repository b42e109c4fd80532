#pragma once

#include "os/windows/loan.h"

/*
 * Who lends: this process, and the others that do, one at a time.
 */

/* What is machine's is lent under one lock, what is this user's under another,
 * which no other user can hold or refuse. */
enum hb_loan_of { HB_LOAN_OF_MACHINE, HB_LOAN_OF_USER };

/* NULL, with the last error set, if it takes too long or may not be. */
HANDLE hb_loan_lock(enum hb_loan_of whose);
void hb_loan_unlock(HANDLE lock);

struct hb_loan_owner hb_loan_owner_self(void);

/* For hb_loans_sweep(); one that may not be asked lives. */
bool hb_loan_owner_lives(void *context, struct hb_loan_owner owner);

/* Why a loan failed, for people: `what` is what cannot be used, and what right
 * it would take. */
#define HB_LOAN_WHY_SIZE 160u
void hb_loan_say_why(char target[HB_LOAN_WHY_SIZE], const char *what,
                     const char *right, long os_code);
