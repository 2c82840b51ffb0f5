for i in 1 2 3 4 5 6 7 8 9; do echo "10.$i:deny"; echo "10.$i.1.1:deny"; echo "=host$i:deny"; done; echo :deny
