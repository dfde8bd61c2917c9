"""The relay: a blind server that stores and orders envelopes and checks who may push.

``relay`` decides, without any transport; ``storage`` is what it keeps things in, ``sqlite`` that in one file;
``http``, ``guard``, ``session`` and ``rates`` put it on the network; ``main`` runs it as a process.
"""
