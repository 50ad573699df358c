"""Starts, stops and tests Verdict on one machine: what stands behind script/up, down, manage, test and check.

Standard library only, because it also makes the virtual environment that everything else lives in.

    cli → up, testing, checking, manage, down, guard → stack → engine, valkey, supervisor → cleanup → home, processes
"""
