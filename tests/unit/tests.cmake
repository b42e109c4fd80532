hb_test(unit/test_text.c hb_base)
hb_test(unit/test_parse.c hb_base)
hb_test(unit/test_time.c hb_base)
hb_test(unit/test_buffer.c hb_base)
