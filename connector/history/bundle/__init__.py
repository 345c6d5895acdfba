"""What whoever helps needs to see, and nothing a customer wrote: `px-connector diagnose`.

mask      texts, settings and log lines made fit to be handed on
contents  what goes into the file

Everything is let through by name, never taken out by name: what nobody thought of stays at home.
"""
