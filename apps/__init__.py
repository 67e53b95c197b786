"""Apps of the toolbox: each module is a script and a console command."""
