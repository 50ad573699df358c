/* The inner part of Python's fork server: see runner_image/fork_server/sitecustomize.py.

   serve() forks a process for each request of the agent's, and returns in that process, which then is `python3 main.py`
   at the point where it has been initialised, and goes on to run main.py by itself.

   When main.py has run, CPython would take its whole interpreter apart, and so copy nearly every page that it shares
   with the server. finish() does of that only what a program can notice: it waits for threads, calls what is
   registered with atexit, lets go of the program's own modules, flushes, and exits. Whenever something is out of the
   ordinary it leaves the work to CPython. It must not be fooled about how the program ended, so it watches the
   evaluation of main.py itself (PEP 523) and doesn't go by traces that a program may change. */

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE_MODULE

#include <Python.h>
#include <internal/pycore_frame.h>

#include "program.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if PY_VERSION_HEX < 0x030b0000 || PY_VERSION_HEX >= 0x030c0000
#error "finish() follows Py_FinalizeEx of CPython 3.11: compare it with that of this version"
#endif

static PyObject *known_modules;  /* a copy of the server's sys.modules, without __main__ */
static PyObject *exit_functions; /* atexit._run_exitfuncs, whatever a program does to the module */

/* -- The server ---------------------------------------------------------------------------------------------------- */

/* Forks, as a child of the agent. Nothing but this knows that it isn't os.fork(). */
static pid_t fork_for_agent(void)
{
    int *thread_id = NULL; /* where the C library keeps it: not on every kernel to be had, and hardly ever needed */
    prctl(PR_GET_TID_ADDRESS, &thread_id, 0, 0, 0);
    unsigned long flags = CLONE_PARENT | SIGCHLD;
    if (thread_id != NULL)
        flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;

    PyOS_BeforeFork();
#if defined(__x86_64__)
    pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, thread_id, NULL);
#else
    pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, thread_id);
#endif
    int error = errno;
    if (pid == 0)
        PyOS_AfterFork_Child();
    else
        PyOS_AfterFork_Parent();
    errno = error;
    return pid;
}

static PyObject *evaluate(PyThreadState *, struct _PyInterpreterFrame *, int);

PyDoc_STRVAR(serve_doc, "serve(agent, user)\n\nFork a process for each request. Returns in those processes only.");

static PyObject *serve(PyObject *self, PyObject *args)
{
    static char words[MAX_REQUEST];
    int agent, user, streams[3];

    if (!PyArg_ParseTuple(args, "ii", &agent, &user))
        return NULL;
    send_answer(agent, &(struct answer){0}); /* ready */
    while (receive_request(agent, words, streams) > 0) {
        int64_t began = cpu_ns();
        pid_t pid = fork_for_agent();
        if (pid == 0) {
            close(agent);
            if (become_program((uid_t)user, streams) != 0)
                _exit(127);
            close_streams(streams);
            _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(), evaluate);
            Py_RETURN_NONE;
        }
        struct answer answer = {.pid = pid, .error = pid < 0 ? errno : 0};
        close_streams(streams);
        answer.setup_ns = cpu_ns() - began;
        send_answer(agent, &answer);
    }
    _exit(0);
}

/* -- The end of a program ------------------------------------------------------------------------------------------ */

/* What a program may have done to the modules that it finds must not decide what is done here: so errors are
   reported where CPython reports them, and otherwise forgotten. */
static void call_quietly(PyObject *module, const char *method)
{
    PyObject *result = PyObject_CallMethod(module, method, NULL);
    if (result == NULL)
        PyErr_WriteUnraisable(module);
    Py_XDECREF(result);
}

static void wait_for_threads(void)
{
    PyObject *threading = PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
    if (threading != NULL) {
        Py_INCREF(threading);
        call_quietly(threading, "_shutdown");
        Py_DECREF(threading);
    }
}

/* Whether all is flushed. */
static int flush(const char *name)
{
    PyObject *file = PySys_GetObject(name); /* borrowed */
    if (file == NULL || file == Py_None)
        return 1;
    Py_INCREF(file);
    PyObject *closed = PyObject_GetAttrString(file, "closed");
    int is_closed = closed != NULL && PyObject_IsTrue(closed) > 0;
    Py_XDECREF(closed);
    PyErr_Clear();
    PyObject *result = is_closed ? Py_NewRef(Py_None) : PyObject_CallMethod(file, "flush", NULL);
    Py_DECREF(file);
    PyErr_Clear();
    Py_XDECREF(result);
    return result != NULL;
}

static int flush_streams(void)
{
    return flush("stdout") & flush("stderr");
}

/* The names and modules that the program has brought in, __main__ among them, in the order in which it did. */
static PyObject *own_modules(PyObject *modules)
{
    PyObject *own = PyDict_New(), *name, *module;
    Py_ssize_t position = 0;
    while (own != NULL && PyDict_Next(modules, &position, &name, &module))
        if (PyDict_GetItem(known_modules, name) != module)
            PyDict_SetItem(own, name, module);
    return own;
}

/* Lets go of the program's modules as CPython's finalize_modules() does of all. */
static void release_modules(void)
{
    static const char *const streams[] = {"stdin", "__stdin__", "stdout", "__stdout__", "stderr", "__stderr__"};
    for (int i = 0; i < 6; i += 2)
        PySys_SetObject(streams[i], PySys_GetObject(streams[i + 1]));

    PyObject *modules = PyImport_GetModuleDict(), *own = own_modules(modules), *name, *module;
    PyObject *references = PyList_New(0);
    Py_ssize_t position = 0;
    while (own != NULL && references != NULL && PyDict_Next(own, &position, &name, &module)) {
        PyObject *reference = PyWeakref_NewRef(module, NULL);
        if (reference != NULL)
            PyList_Append(references, reference);
        Py_XDECREF(reference);
        PyDict_DelItem(modules, name);
    }
    Py_XDECREF(own);
    PyErr_Clear();
    PyGC_Collect();
    for (Py_ssize_t i = references == NULL ? 0 : PyList_GET_SIZE(references); i > 0; i--) {
        PyObject *alive = PyWeakref_GET_OBJECT(PyList_GET_ITEM(references, i - 1));
        if (PyModule_Check(alive)) {
            Py_INCREF(alive);
            _PyModule_Clear(alive);
            Py_DECREF(alive);
        }
    }
    PyGC_Collect();
}

/* Gives up what CPython's functions that are waiting for main.py to return hold of __main__: its namespace, by the frame
   and its function, and the module itself. They will wait for ever, and it is to go like any other module. */
static void release_main(struct _PyInterpreterFrame *frame)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "__main__");
    int is_main = module != NULL && PyModule_Check(module) && PyModule_GetDict(module) == frame->f_globals;
    Py_CLEAR(frame->f_func->func_globals);
    Py_CLEAR(frame->f_locals);
    if (is_main)
        Py_DECREF(module);
}

static int other_threads(void)
{
    return PyThreadState_Next(PyInterpreterState_ThreadHead(PyInterpreterState_Get())) != NULL;
}

/* Whether the pending exception is a SystemExit with a plain exit status, which then is in `status`. */
static int plain_exit(long *status)
{
    if (!PyErr_ExceptionMatches(PyExc_SystemExit))
        return 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *code = value == NULL ? NULL : PyObject_GetAttrString(value, "code");
    PyErr_Clear();
    int overflow = 0, plain = code == Py_None || (code != NULL && PyLong_CheckExact(code));
    if (plain && code != Py_None)
        *status = PyLong_AsLongAndOverflow(code, &overflow);
    Py_XDECREF(code);
    PyErr_Restore(type, value, traceback);
    return plain && !overflow;
}

/* Ends the process as CPython would; returns `result` where CPython must do it. */
static PyObject *finish(PyObject *result, struct _PyInterpreterFrame *frame)
{
    long status = 0;
    if (result == NULL) {
        if (!plain_exit(&status))
            return NULL;
        PyErr_Clear();
    } else {
        static const char *const names[] = {"__file__", "__cached__"};
        for (int i = 0; i < 2; i++)
            if (PyDict_DelItemString(frame->f_globals, names[i]) < 0)
                PyErr_Clear();
    }
    wait_for_threads();
    if (Py_MakePendingCalls() < 0)
        PyErr_WriteUnraisable(NULL);
    PyObject *done = PyObject_CallNoArgs(exit_functions);
    if (done == NULL)
        PyErr_Clear(); /* it was reported when it happened */
    Py_XDECREF(done);

    if (!other_threads() && flush_streams()) {
        release_main(frame);
        PyGC_Collect();
        release_modules();
        flush_streams();
        exit((int)status);
    }
    if (result == NULL)
        PyErr_SetObject(PyExc_SystemExit, PyLong_FromLong(status));
    return result;
}

/* What can only be undone now that `site` has done its work. */
static void hide_traces(void)
{
    PyObject *modules = PyImport_GetModuleDict(), *site = PyDict_GetItemString(modules, "site");
    if (site == NULL || PyObject_SetAttrString(site, "ENABLE_USER_SITE", Py_True) < 0 ||
        PyDict_DelItemString(modules, "sitecustomize") < 0)
        PyErr_Clear();
}

/* Evaluates frames until it comes to that of main.py. */
static PyObject *evaluate(PyThreadState *thread, struct _PyInterpreterFrame *frame, int throw)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "__main__");
    if (module == NULL || frame->f_globals != PyModule_GetDict(module))
        return _PyEval_EvalFrameDefault(thread, frame, throw);

    _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState_Get(), _PyEval_EvalFrameDefault);
    hide_traces();
    return finish(_PyEval_EvalFrameDefault(thread, frame, throw), frame);
}

/* ------------------------------------------------------------------------------------------------------------------ */
PyDoc_STRVAR(remember_doc, "remember(modules)\n\nThese are the server's own: {name: module}.");

static PyObject *remember(PyObject *self, PyObject *modules)
{
    PyObject *atexit = PyImport_ImportModule("atexit");
    if (atexit == NULL || (exit_functions = PyObject_GetAttrString(atexit, "_run_exitfuncs")) == NULL)
        return NULL;
    Py_DECREF(atexit);
    known_modules = PyDict_Copy(modules);
    if (known_modules == NULL)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"serve", serve, METH_VARARGS, serve_doc},
    {"remember", remember, METH_O, remember_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "_fork_server", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit__fork_server(void)
{
    return PyModule_Create(&definition);
}
