// libFuzzer has the function `main`, and `FuzzEntry` the function that libFuzzer calls.
